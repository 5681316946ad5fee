using OverlayImg.Images.References;

namespace OverlayImg.Images;

/// <summary>The annotations by which a manifest names the image that its image was built on (image-spec, annotations.md).</summary>
public static class BaseAnnotations
{
    /// <summary>The full reference of the base image, with its registry.</summary>
    public const string Name = "org.opencontainers.image.base.name";

    /// <summary>The digest of the base image's manifest.</summary>
    public const string Digest = "org.opencontainers.image.base.digest";

    /// <summary>The annotations of an image that is built on another image.</summary>
    /// <param name="image">The base image. An image without a manifest gives no digest, and an image without a full name gives no name.</param>
    /// <param name="registry">The reference by which a registry gave the image; null for an image of an archive or a layout.</param>
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
