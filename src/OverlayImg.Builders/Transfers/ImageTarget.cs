using OverlayImg.Images;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Outputs;

namespace OverlayImg.Builders.Transfers;

/// <summary>Where an image shall be copied to, as a user names it.</summary>
public abstract record ImageTarget
{
    /// <summary>The transport of an archive that docker loads.</summary>
    public const string DockerArchive = "docker-archive:";

    /// <summary>The transport of an archive that is an OCI layout.</summary>
    public const string OciArchive = "oci-archive:";

    /// <summary>
    /// Reads what a user wrote, a path or a transport as skopeo writes it: <c>docker-archive:PATH[:NAME[:TAG]]</c>, <c>oci-archive:PATH[:TAG]</c>,
    /// <c>oci:DIRECTORY[:TAG]</c>, <c>docker://NAME[:TAG]</c>.
    /// </summary>
    /// <param name="text">What was written.</param>
    /// <param name="compression">For an archive whose name tells none.</param>
    /// <exception cref="InputException">It is none of these, or has a name that no image can have there.</exception>
    public static ImageTarget Parse(string text, CompressionFormat compression = CompressionFormat.None)
    {
        if (text.StartsWith(RegistryReference.Transport, StringComparison.Ordinal)) return RegistryTarget.Parse(text);
        if (TransportText.After("oci:", text) is { } layout)
        {
            var (directory, tag) = TransportText.DivideDirectory(layout);
            return new FileTarget(new LayoutOutput(directory) { RefName = RefName(tag) }, null);
        }

        if (TransportText.After(DockerArchive, text) is { } docker)
        {
            var (path, name) = TransportText.Divide(docker);
            return new FileTarget(new ArchiveOutput(TarDestination.Parse(path, compression), ArchiveFormat.Hybrid), name is null ? null : Name(name));
        }

        if (TransportText.After(OciArchive, text) is { } oci)
        {
            var (path, tag) = TransportText.Divide(oci);
            return new FileTarget(new ArchiveOutput(TarDestination.Parse(path, compression), ArchiveFormat.Oci) { RefName = RefName(tag) }, null);
        }

        if (Array.Find(["dir:", "rootfs:", "docker-daemon:", "containers-storage:", "ostree:"], other => text.StartsWith(other, StringComparison.Ordinal)) is { } unknown)
        {
            throw new InputException($"can't be written to {unknown} directly", new(text))
            {
                Advice = "Write docker-archive:PATH or oci-archive:PATH, which every client loads, or oci:DIRECTORY.",
            };
        }

        return new FileTarget(new ArchiveOutput(TarDestination.Parse(text, compression), ArchiveFormat.Hybrid), null);
    }

    private static ImageReference Name(string text)
    {
        var name = ImageReference.Parse(text);
        name.RequireWritable();
        return name;
    }

    private static string? RefName(string? text)
    {
        if (text is not null) new ImageReference("", text).RequireWritable();
        return text;
    }
}

/// <summary>An archive or a layout.</summary>
/// <param name="Output">Where.</param>
/// <param name="Name">The image's name there; null: the one that it has.</param>
public sealed record FileTarget(ImageOutput Output, ImageReference? Name) : ImageTarget;

/// <summary>A repository of a registry.</summary>
/// <param name="Image">The name that the image gets.</param>
public sealed record RegistryTarget(RegistryReference Image) : ImageTarget
{
    /// <summary>Reads a name, with <c>docker://</c> before it or without.</summary>
    /// <exception cref="InputException">It is none, or has a tag and a digest: an image can be put under one of them.</exception>
    public static RegistryTarget Parse(string text)
    {
        var image = RegistryReference.Parse(text);
        if (image is { Tag: not null, Digest: not null })
            throw new InputException("names a tag and a digest: an image is put under one of them", new(image.ToString())) { Advice = "Leave the digest out, which is told when it is there." };
        return new(image);
    }
}
