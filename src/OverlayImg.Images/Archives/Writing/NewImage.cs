namespace OverlayImg.Images;

/// <summary>An image that is to be written.</summary>
public sealed record NewImage
{
    /// <summary>Its names; none where it shall have no name. One without a tag gets <c>latest</c>.</summary>
    public required IReadOnlyList<ImageReference> References { get; init; }

    /// <summary>
    /// The name that an OCI layout gets for it (<c>org.opencontainers.image.ref.name</c>), whatever its other names are; null for one from each of those.
    /// </summary>
    public string? RefName { get; init; }

    /// <summary>The config, byte for byte: its digest is the image ID.</summary>
    public required ReadOnlyMemory<byte> Config { get; init; }

    /// <summary>One for each of the config's diff IDs, in that order: bottom first.</summary>
    public required IReadOnlyList<LayerBlob> Layers { get; init; }

    /// <summary>
    /// The manifest that it had. Written byte for byte if it is OCI's, and its config and layers are exactly those of this image; else a new one is made. Null for a new one.
    /// </summary>
    public ImageManifest? Manifest { get; init; }

    /// <summary>The annotations of a new manifest, by name.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();
}
