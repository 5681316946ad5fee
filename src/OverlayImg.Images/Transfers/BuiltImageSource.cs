using OverlayImg.Images.Layers;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;
using OverlayImg.Images.Remote;

namespace OverlayImg.Images.Transfers;

/// <summary>A newly built image as the source of a transfer. The blobs of its layers are readable until the session ends.</summary>
internal sealed class BuiltImageSource : TransferSource
{
    private readonly Image _image;

    /// <summary>Makes a source from the image.</summary>
    /// <param name="image">The image. Its layers are verified.</param>
    /// <param name="name">The name of the image in messages.</param>
    /// <exception cref="ArgumentException">The diff IDs of the layers differ from those in the config.</exception>
    public BuiltImageSource(Image image, string name)
    {
        if (!image.Config.DiffIds.SequenceEqual(image.Layers.Select(layer => layer.DiffId)))
            throw new ArgumentException("The diff IDs of the layers differ from those in the config.", nameof(image));
        (_image, Name) = (image, name);
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<ImageReference> References => _image.References;

    /// <inheritdoc/>
    public override ManifestDocument? Root => _image.Manifest;

    /// <inheritdoc/>
    public override Task<ManifestDocument> ReadAsync(Descriptor entry, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A newly built image is not an index.");

    /// <inheritdoc/>
    public override Task<Image> ReadImageAsync(ImageManifest? manifest, CancellationToken cancellationToken) => Task.FromResult(_image);

    /// <inheritdoc/>
    public override Task<Blob> GetBlobAsync(Descriptor blob, IProgress<int> received, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A newly built image is not an artifact.");
}
