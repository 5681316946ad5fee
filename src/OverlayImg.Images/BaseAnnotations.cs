using OverlayImg.Images.References;

namespace OverlayImg.Images;

/// <summary>The annotations of a manifest that name the base image (OCI Image Specification, annotations).</summary>
public static class BaseAnnotations
{
    /// <summary>The key of the base image's full reference, including the registry.</summary>
    public const string Name = "org.opencontainers.image.base.name";

    /// <summary>The key of the digest of the base image's manifest.</summary>
    public const string Digest = "org.opencontainers.image.base.digest";

    /// <summary>Makes the annotations for an image with a base image.</summary>
    /// <param name="image">The base image. Without a manifest there is no digest, and without a full name no name.</param>
    /// <param name="registry">The reference of the base image in a registry; null for an image of an archive or a layout.</param>
    public static IReadOnlyDictionary<string, string> Of(Image image, RegistryReference? registry)
    {
        var annotations = new Dictionary<string, string>(StringComparer.Ordinal);
        if (NameOf(image, registry) is { } name) annotations.Add(Name, name);
        if (image.Manifest is { } manifest) annotations.Add(Digest, manifest.Digest.ToString());
        return annotations;
    }

    private static string? NameOf(Image image, RegistryReference? registry) => registry is not null
        ? (registry.Tag ?? (object?)registry.Digest) is null ? registry.Tagged(RegistryReference.DefaultTag).ToString() : registry.ToString()
        : image.References.FirstOrDefault(reference => reference is { Name.Length: > 0, IsValid: true })?.WithTag.Full.Text;
}
