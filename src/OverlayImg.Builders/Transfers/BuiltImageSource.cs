using OverlayImg.Images;
using OverlayImg.Images.Remote;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Builders.Transfers;

/// <summary>An image that was built and lies in no archive yet.</summary>
internal sealed class BuiltImageSource : TransferSource
{
    private readonly NewImage _image;
    private readonly NewBlobs _blobs = new();
    private readonly ImageManifest _manifest;

    /// <summary>Makes the image's manifest.</summary>
    /// <param name="image">The image. The content of its layers is readable as long as the session.</param>
    /// <param name="name">What messages call the image.</param>
    public BuiltImageSource(NewImage image, string name)
    {
        (_image, Name) = (image, name);
        var document = _blobs.Contents[_blobs.Store(image).Manifest.Digest];
        var bytes = new byte[document.Length];
        document.Read(0, bytes);
        _manifest = (ImageManifest)ManifestDocument.Parse(bytes, MediaTypes.OciManifest, new(name));
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<ImageReference> References => _image.References;

    /// <inheritdoc/>
    public override string FetchingText => "Reading";

    /// <inheritdoc/>
    public override ManifestDocument Root => _manifest;

    /// <inheritdoc/>
    public override Task<ManifestDocument> ReadAsync(Descriptor entry, CancellationToken cancellationToken) =>
        throw new NotSupportedException("An image that was built is no index.");

    /// <inheritdoc/>
    public override Task<TransferImage> ReadImageAsync(ImageManifest? manifest, CancellationToken cancellationToken) => Task.FromResult(new TransferImage(
        _manifest, _image.Config, [.. _manifest.Layers.Select(LayerOf)]));

    private TransferLayer LayerOf(Descriptor blob) => new(blob, blob.Size, blob.LayerCompression, (meter, _) =>
    {
        meter.ReportAll(blob.Size);
        return Task.FromResult(new FetchedLayer(blob.Digest, _blobs.Contents[blob.Digest]));
    })
    {
        IsKnown = () => true,
    };
}
