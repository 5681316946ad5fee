namespace OverlayImg.Images;

/// <summary>What a document of an image says of a blob (image-spec, descriptor.md).</summary>
/// <param name="MediaType">What it is.</param>
/// <param name="Digest">Of its bytes.</param>
/// <param name="Size">Number of bytes.</param>
internal sealed record OciDescriptor(string MediaType, Digest Digest, long Size);

/// <summary>An image whose blobs have their places in an archive.</summary>
internal sealed record StoredImage(
    IReadOnlyList<ImageReference> References,
    ImageConfig Config,
    OciDescriptor ConfigBlob,
    IReadOnlyList<OciDescriptor> Layers,
    OciDescriptor Manifest);
