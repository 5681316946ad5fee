using OverlayImg.Images;

namespace OverlayImg.Builders;

/// <summary>Where an image shall be copied to, as a user names it.</summary>
public abstract record ImageTarget
{
    /// <summary>
    /// Reads what a user wrote, a path or a transport as skopeo writes it: <c>docker-archive:PATH[:NAME[:TAG]]</c>, <c>oci-archive:PATH[:TAG]</c>,
    /// <c>oci:DIRECTORY[:TAG]</c>, <c>docker://NAME[:TAG]</c>.
    /// </summary>
    /// <exception cref="InputException">It is none of these.</exception>
    public static ImageTarget Parse(string text)
    {
        if (text.StartsWith(RegistryReference.Transport, StringComparison.Ordinal)) return new RegistryTarget(RegistryReference.Parse(text));
        if (TransportText.After("oci:", text) is { } layout)
        {
            var (directory, tag) = TransportText.DivideDirectory(layout);
            return new FileTarget(new LayoutOutput(directory) { RefName = tag }, null);
        }

        if (TransportText.After("docker-archive:", text) is { } docker)
        {
            var (path, name) = TransportText.Divide(docker);
            return new FileTarget(new ArchiveOutput(TarDestination.Parse(path), ArchiveFormat.Hybrid), name is null ? null : ImageReference.Parse(name));
        }

        if (TransportText.After("oci-archive:", text) is { } oci)
        {
            var (path, tag) = TransportText.Divide(oci);
            return new FileTarget(new ArchiveOutput(TarDestination.Parse(path), ArchiveFormat.Oci) { RefName = tag }, null);
        }

        if (Array.Find(["dir:", "docker-daemon:", "containers-storage:", "ostree:"], other => text.StartsWith(other, StringComparison.Ordinal)) is { } unknown)
        {
            throw new InputException($"can't be copied to: the transport {unknown} is not supported", new(text))
            {
                Advice = "Copy to docker-archive:PATH, oci-archive:PATH, oci:DIRECTORY or docker://NAME: every client loads an archive.",
            };
        }

        return new FileTarget(new ArchiveOutput(TarDestination.Parse(text), ArchiveFormat.Hybrid), null);
    }
}

/// <summary>An archive or a layout.</summary>
/// <param name="Output">Where.</param>
/// <param name="Name">The image's name there; null: the one that it has.</param>
public sealed record FileTarget(ImageOutput Output, ImageReference? Name) : ImageTarget;

/// <summary>A repository of a registry.</summary>
/// <param name="Image">The name that the image gets.</param>
public sealed record RegistryTarget(RegistryReference Image) : ImageTarget;
