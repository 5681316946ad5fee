using OverlayImg.Images;
using OverlayImg.Images.Remote;

namespace OverlayImg.Builders.Transfers;

/// <summary>An image that was built and lies in no archive yet. The blobs of its layers are readable as long as the session.</summary>
/// <param name="image">The image.</param>
/// <param name="name">What messages call the image.</param>
internal sealed class BuiltImageSource(Image image, string name) : TransferSource
{
    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override IReadOnlyList<ImageReference> References => image.References;

    /// <inheritdoc/>
    public override string FetchingText => "Reading";

    /// <inheritdoc/>
    public override ManifestDocument? Root => image.Manifest;

    /// <inheritdoc/>
    public override Task<ManifestDocument> ReadAsync(Descriptor entry, CancellationToken cancellationToken) =>
        throw new NotSupportedException("An image that was built is no index.");

    /// <inheritdoc/>
    public override Task<Image> ReadImageAsync(ImageManifest? manifest, CancellationToken cancellationToken) => Task.FromResult(image);

    /// <inheritdoc/>
    public override Task<Blob> GetBlobAsync(Descriptor blob, IProgress<int> received, CancellationToken cancellationToken) =>
        throw new NotSupportedException("An image that was built is no artifact.");
}
