using OverlayImg.Images;

namespace OverlayImg.Builders;

/// <summary>Where an image shall be copied to, as a user names it.</summary>
public abstract record ImageTarget
{
    /// <summary>
    /// Reads what a user wrote, a path or a transport as skopeo writes it: <c>docker-archive:PATH[:NAME[:TAG]]</c>, <c>oci-archive:PATH[:NAME]</c>,
    /// <c>oci:DIRECTORY[:NAME]</c>, <c>docker://NAME[:TAG]</c>.
    /// </summary>
    /// <exception cref="InputException">It is none of these.</exception>
    public static ImageTarget Parse(string text)
    {
        if (text.StartsWith(RegistryReference.Transport, StringComparison.Ordinal)) return new RegistryTarget(RegistryReference.Parse(text));
        if (Rest("oci:") is { } layout) return new LayoutTarget(layout.Path, layout.Name);
        if (Rest("docker-archive:") is { } docker)
            return Archive(docker.Path, ArchiveFormat.Hybrid, docker.Name is { } name ? ImageReference.Parse(name) : null);
        if (Rest("oci-archive:") is { } oci) return Archive(oci.Path, ArchiveFormat.Oci, oci.Name is { } name ? new("", name) : null);
        if (Array.Find(["dir:", "docker-daemon:", "containers-storage:", "ostree:"], other => text.StartsWith(other, StringComparison.Ordinal)) is { } unknown)
        {
            throw new InputException($"can't be copied to: the transport {unknown} is not supported", new(text))
            {
                Advice = "Copy to docker-archive:PATH, oci-archive:PATH, oci:DIRECTORY or docker://NAME; every client loads an archive.",
            };
        }

        return Archive(text, ArchiveFormat.Hybrid, null);

        (string Path, string? Name)? Rest(string transport)
        {
            if (!text.StartsWith(transport, StringComparison.Ordinal)) return null;
            // As skopeo: behind a transport the first colon ends the path.
            var parts = text[transport.Length..].Split(':', 2);
            return (parts[0], parts is [_, { Length: > 0 } name] ? name : null);
        }
    }

    private static ArchiveTarget Archive(string path, ArchiveFormat format, ImageReference? name) => new(new(TarDestination.Parse(path), format), name);
}

/// <summary>An archive.</summary>
/// <param name="Output">Where it goes, and in which form.</param>
/// <param name="Name">The image's name in it; null: the one that it has.</param>
public sealed record ArchiveTarget(ImageOutput Output, ImageReference? Name) : ImageTarget;

/// <summary>An OCI layout, which may have other images already.</summary>
/// <param name="Directory">Its directory.</param>
/// <param name="Name">The image's name in it; null: the one that it has.</param>
public sealed record LayoutTarget(string Directory, string? Name) : ImageTarget;

/// <summary>A repository of a registry.</summary>
/// <param name="Image">The name that the image gets.</param>
public sealed record RegistryTarget(RegistryReference Image) : ImageTarget;
