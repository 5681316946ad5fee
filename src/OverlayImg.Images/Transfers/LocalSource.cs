using OverlayImg.Images.Digests;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Layouts;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;
using OverlayImg.Images.Remote;
using OverlayImg.Images.Sessions;
using OverlayImg.Images.Settings;
using OverlayImg.Images.Sources;
using OverlayImg.Images.Streams;

namespace OverlayImg.Images.Transfers;

/// <summary>An image in an archive or a layout, or all images under one name in it, as the source of a transfer.</summary>
internal sealed class LocalSource : TransferSource
{
    private readonly ImageSource _source;
    private readonly Image? _image;

    private LocalSource(ImageSource source, string name, IReadOnlyList<ImageReference> references, Image? image, ManifestDocument? root) =>
        (_source, Name, References, _image, Root) = (source, name, references, image, root);

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<ImageReference> References { get; }

    /// <inheritdoc/>
    public override string? FetchingText => "Verifying";

    /// <inheritdoc/>
    public override ManifestDocument? Root { get; }

    /// <summary>
    /// Opens the archive or the layout and selects the image. <paramref name="all"/> selects all images of an index
    /// instead of the one for the platform. The session owns the source.
    /// </summary>
    /// <exception cref="InputException">The image does not exist or is broken.</exception>
    /// <exception cref="MachineException">The disk has no space to decompress the archive.</exception>
    public static async Task<LocalSource> OpenAsync(ImageChoice choice, bool all, Session session)
    {
        session.Step($"Reading {choice.Location.Name}");
        var source = await choice.Location.OpenAsync(choice.Platform, session);
        var entry = source.SelectEntry(choice.Name, choice.Tag, out var warning);
        if (warning is not null) session.Warn(warning, ImageSetting.Name, ImageSetting.Tag);
        if ((all && entry.Descriptors.Count > 0) || (entry.IsArtifact && choice.Platform is null))
            return new(source, choice.Location.Name, entry.References, null, RootOf(entry, source, choice));
        var image = entry.Load(choice.Platform);
        return new(source, choice.Location.Name, entry.References, image, image.Manifest);
    }

    /// <inheritdoc/>
    public override Task<ManifestDocument> ReadAsync(Descriptor entry, CancellationToken cancellationToken) =>
        Task.FromResult(_source.ReadDocument(entry));

    /// <inheritdoc/>
    public override Task<Image> ReadImageAsync(ImageManifest? manifest, CancellationToken cancellationToken) =>
        Task.FromResult(_image is not null && manifest == _image.Manifest ? _image : _source.ReadImage(manifest!));

    /// <inheritdoc/>
    public override async Task<Blob> GetBlobAsync(Descriptor blob, IProgress<int> received, CancellationToken cancellationToken)
    {
        var content = _source.OpenBlob(blob);
        await using var stream = ContentStream.Open(content, 0);
        var actual = await Digest.OfAsync(stream, cancellationToken);
        if (actual != blob.Digest) throw new InputException($"has a blob with the digest {actual}, not {blob.Digest}", new(Name));
        received.ReportAll(blob.Size);
        return new(actual, content);
    }

    // Several manifests under one name are a multi-platform image without an index. The copy gets an index.
    private static ManifestDocument RootOf(ImageEntry entry, ImageSource source, ImageChoice choice) => entry.Descriptors is [var single]
        ? source.ReadDocument(single)
        : ManifestRewriting.IndexOf(entry.Descriptors, new(choice.Location.Name));
}
