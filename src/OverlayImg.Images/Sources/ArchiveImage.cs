namespace OverlayImg.Images;

/// <summary>One image of an archive or a layout. Usable as long as the source is open.</summary>
/// <param name="References">The names that it has there; often one, sometimes none.</param>
/// <param name="Config">Its config.</param>
/// <param name="Layers">Its layers, bottom first, one per diff ID; the same layer may be there twice.</param>
public sealed record ArchiveImage(IReadOnlyList<ImageReference> References, ImageConfig Config, IReadOnlyList<Layer> Layers)
{
    /// <summary>Its manifest; null in a docker-archive, which has none.</summary>
    public ImageManifest? Manifest { get; init; }

    /// <summary>The annotations of its manifest by name, sorted; none without a manifest.</summary>
    public IEnumerable<KeyValuePair<string, string>> Annotations =>
        Manifest?.Annotations.OrderBy(annotation => annotation.Key, StringComparer.Ordinal) ?? Enumerable.Empty<KeyValuePair<string, string>>();

    /// <summary>What messages call it: its names, or its ID.</summary>
    public string DisplayName => References.Count > 0 ? string.Join(", ", References) : $"{Config.Id} (no name)";
}
