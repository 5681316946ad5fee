namespace OverlayImg.Images.Outputs;

/// <summary>Where images go, and in which form.</summary>
/// <param name="Path">What messages call it: the file or directory, or <c>-</c> for standard output.</param>
/// <param name="Format">The form.</param>
public abstract record ImageOutput(string Path, ArchiveFormat Format)
{
    /// <summary>
    /// The name that an OCI layout gets for the one image (<c>org.opencontainers.image.ref.name</c>); null for names from the image's own.
    /// </summary>
    public string? RefName { get; init; }
}

/// <summary>An image archive.</summary>
/// <param name="Destination">The file, and how it is compressed.</param>
/// <param name="Format">The form.</param>
public sealed record ArchiveOutput(TarDestination Destination, ArchiveFormat Format) : ImageOutput(Destination.Path, Format);

/// <summary>An OCI layout that is a directory: a new one, or one that the images are added to.</summary>
/// <param name="Directory">Where.</param>
public sealed record LayoutOutput(string Directory) : ImageOutput(Directory, ArchiveFormat.Oci);

/// <summary>A repository of a registry.</summary>
/// <param name="Image">The name that the image gets.</param>
/// <param name="Access">How to get at the registry.</param>
public sealed record RegistryOutput(RegistryReference Image, RegistryOptions Access)
    : ImageOutput($"{RegistryReference.Transport}{Image}", ArchiveFormat.Oci);
