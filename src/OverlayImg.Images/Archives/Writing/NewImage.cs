namespace OverlayImg.Images;

/// <summary>An image that is to be written.</summary>
public sealed record NewImage
{
    /// <summary>Its names; none where it shall have no name. One without a tag gets <c>latest</c>.</summary>
    public required IReadOnlyList<ImageReference> References { get; init; }

    /// <summary>The config, byte for byte: its digest is the image ID.</summary>
    public required ReadOnlyMemory<byte> Config { get; init; }

    /// <summary>One for each of the config's diff IDs, in that order: bottom first.</summary>
    public required IReadOnlyList<LayerBlob> Layers { get; init; }
}
