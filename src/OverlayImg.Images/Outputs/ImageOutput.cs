using OverlayImg.Images.Archives.Writing;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Locations;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries.Options;

namespace OverlayImg.Images.Outputs;

/// <summary>Where images go, and in which form.</summary>
/// <param name="Path">The output in messages: the file or directory, <c>-</c> for standard output, or the reference to a registry.</param>
/// <param name="Format">The form.</param>
public abstract record ImageOutput(string Path, ArchiveFormat Format)
{
    /// <summary>The transport of an archive that docker loads.</summary>
    public const string DockerArchive = "docker-archive:";

    /// <summary>The transport of an archive that is an OCI layout.</summary>
    public const string OciArchive = "oci-archive:";

    private static readonly string[] UnknownTransports = ["dir:", "rootfs:", "docker-daemon:", "containers-storage:", "ostree:"];

    /// <summary>
    /// The name that an OCI layout gets for the one image (<c>org.opencontainers.image.ref.name</c>); null for names from the image's own.
    /// </summary>
    public string? RefName { get; init; }

    /// <summary>The name that the one image gets; null for its own names.</summary>
    public ImageReference? Name { get; init; }

    /// <summary>
    /// Reads what a user wrote, a path or a transport as skopeo writes it: <c>docker-archive:PATH[:NAME[:TAG]]</c>, <c>oci-archive:PATH[:TAG]</c>,
    /// <c>oci:DIRECTORY[:TAG]</c>, <c>docker://NAME[:TAG]</c>.
    /// </summary>
    /// <param name="text">What was written.</param>
    /// <param name="compression">For an archive whose name tells none.</param>
    /// <exception cref="InputException">It is none of these, or has a name that no image can have there.</exception>
    public static ImageOutput Parse(string text, CompressionFormat compression = CompressionFormat.None)
    {
        if (text.StartsWith(RegistryReference.Transport, StringComparison.Ordinal)) return RegistryOutput.Parse(text);
        if (TransportText.After("oci:", text) is { } layout)
        {
            var (directory, tag) = TransportText.DivideDirectory(layout);
            return new LayoutOutput(directory) { RefName = Writable(tag) };
        }

        if (TransportText.After(DockerArchive, text) is { } docker)
        {
            var (path, name) = TransportText.Divide(docker);
            var reference = name is null ? null : ImageReference.Parse(name);
            reference?.RequireWritable();
            return new ArchiveOutput(TarDestination.Parse(path, compression), ArchiveFormat.Hybrid) { Name = reference };
        }

        if (TransportText.After(OciArchive, text) is { } oci)
        {
            var (path, tag) = TransportText.Divide(oci);
            return new ArchiveOutput(TarDestination.Parse(path, compression), ArchiveFormat.Oci) { RefName = Writable(tag) };
        }

        if (Array.Find(UnknownTransports, other => text.StartsWith(other, StringComparison.Ordinal)) is { } unknown)
        {
            throw new InputException($"can't be written to {unknown} directly", new(text))
            {
                Advice = "Write docker-archive:PATH or oci-archive:PATH, which every client loads, or oci:DIRECTORY.",
            };
        }

        return new ArchiveOutput(TarDestination.Parse(text, compression), ArchiveFormat.Hybrid);
    }

    private static string? Writable(string? refName)
    {
        if (refName is not null) new ImageReference("", refName).RequireWritable();
        return refName;
    }
}

/// <summary>An image archive.</summary>
/// <param name="Destination">The file, and how it is compressed.</param>
/// <param name="Format">The form.</param>
public sealed record ArchiveOutput(TarDestination Destination, ArchiveFormat Format) : ImageOutput(Destination.Path, Format);

/// <summary>An OCI layout that is a directory: a new one, or one that the images are added to.</summary>
/// <param name="Directory">Where.</param>
public sealed record LayoutOutput(string Directory) : ImageOutput(Directory, ArchiveFormat.Oci);

/// <summary>A repository of a registry.</summary>
/// <param name="Image">The name that the image gets: a tag, or the digest that it must have.</param>
/// <param name="Access">How to get at the registry.</param>
public sealed record RegistryOutput(RegistryReference Image, RegistryOptions Access)
    : ImageOutput($"{RegistryReference.Transport}{Image}", ArchiveFormat.Oci)
{
    /// <summary>Reads a name, with <c>docker://</c> before it or without. The access options are the default ones.</summary>
    /// <exception cref="InputException">It is none, or has a tag and a digest: an image can be put under one of them.</exception>
    public static RegistryOutput Parse(string text)
    {
        var image = RegistryReference.Parse(text);
        if (image is not { Tag: not null, Digest: not null }) return new(image, new());
        throw new InputException("names a tag and a digest: an image is put under one of them", new(image.ToString()))
        {
            Advice = "Leave the digest out, which is told when it is there.",
        };
    }
}
