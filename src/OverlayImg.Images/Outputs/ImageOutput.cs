using OverlayImg.Images.Archives.Writing;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Locations;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries.Options;

namespace OverlayImg.Images.Outputs;

/// <summary>The output of a verb that writes images: an archive, a layout or a registry.</summary>
/// <param name="Path">The output in messages: the file or directory, <c>-</c> for standard output, or <c>docker://</c>
/// and the reference.</param>
/// <param name="Format">The format of the output. A layout and a registry have <see cref="ArchiveFormat.Oci"/>.</param>
public abstract record ImageOutput(string Path, ArchiveFormat Format)
{
    /// <summary>The prefix for an archive that docker can load.</summary>
    public const string DockerArchive = "docker-archive:";

    /// <summary>The prefix for an archive that is an OCI layout.</summary>
    public const string OciArchive = "oci-archive:";

    private static readonly string[] UnknownTransports = ["dir:", "rootfs:", "docker-daemon:", "containers-storage:", "ostree:"];

    /// <summary>The <c>org.opencontainers.image.ref.name</c> of the single image in an OCI layout; null for the image's own names.</summary>
    public string? RefName { get; init; }

    /// <summary>The name of the single image in the output; null to keep the image's own names.</summary>
    public ImageReference? Name { get; init; }

    /// <summary>
    /// Parses an output as the user wrote it: the path of an archive, or a transport of skopeo:
    /// <c>docker-archive:PATH[:NAME[:TAG]]</c>, <c>oci-archive:PATH[:TAG]</c>, <c>oci:DIRECTORY[:TAG]</c>,
    /// <c>docker://NAME[:TAG]</c>.
    /// </summary>
    /// <param name="text">The user's text.</param>
    /// <param name="compression">The compression of an archive whose file extension names none.</param>
    /// <exception cref="InputException">The transport is not supported, or the name is not valid for the output.</exception>
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
                Advice = "Name docker-archive:PATH or oci-archive:PATH, which every client loads, or oci:DIRECTORY.",
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

/// <summary>An image archive as the output.</summary>
/// <param name="Destination">The file and its compression.</param>
/// <param name="Format">The format of the archive.</param>
public sealed record ArchiveOutput(TarDestination Destination, ArchiveFormat Format) : ImageOutput(Destination.Path, Format);

/// <summary>A directory with an OCI layout as the output. A new layout is created; an existing layout gains the images.</summary>
/// <param name="Directory">The path of the directory.</param>
public sealed record LayoutOutput(string Directory) : ImageOutput(Directory, ArchiveFormat.Oci);

/// <summary>A repository of a registry as the output.</summary>
/// <param name="Image">The reference that the image gets: a tag, or the digest that the image must have.</param>
/// <param name="Access">The access options for the registry.</param>
public sealed record RegistryOutput(RegistryReference Image, RegistryOptions Access)
    : ImageOutput($"{RegistryReference.Transport}{Image}", ArchiveFormat.Oci)
{
    /// <summary>Parses a reference with or without <c>docker://</c>. The access options are the default ones.</summary>
    /// <exception cref="InputException">The text is not a reference, or has both a tag and a digest.</exception>
    public static RegistryOutput Parse(string text)
    {
        var image = RegistryReference.Parse(text);
        if (image is not { Tag: not null, Digest: not null }) return new(image, new());
        throw new InputException("names both a tag and a digest: an image is pushed under one of them", new(image.ToString()))
        {
            Advice = "Leave the digest out; it is reported after the push.",
        };
    }
}
