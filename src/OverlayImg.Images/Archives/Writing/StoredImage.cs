namespace OverlayImg.Images;

/// <summary>An image whose blobs have their places in an archive.</summary>
internal sealed record StoredImage(
    IReadOnlyList<ImageReference> References,
    string? RefName,
    ImageConfig Config,
    Descriptor ConfigBlob,
    IReadOnlyList<Descriptor> Layers,
    Descriptor Manifest);
