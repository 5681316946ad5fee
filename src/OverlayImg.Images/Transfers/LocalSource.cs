using OverlayImg.Images.Digests;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Layouts;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;
using OverlayImg.Images.Remote;
using OverlayImg.Images.Sessions;
using OverlayImg.Images.Sources;
using OverlayImg.Images.Streams;

namespace OverlayImg.Images.Transfers;

/// <summary>An image of an archive or a layout, or all images that an archive or a layout has under one name.</summary>
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

    /// <summary>Opens it and chooses. The session owns the source.</summary>
    /// <param name="choice">Which image.</param>
    /// <param name="all">Whether all that an index has are meant.</param>
    /// <param name="session">The operation.</param>
    /// <exception cref="InputException">There is no such image, or it is broken.</exception>
    /// <exception cref="MachineException">There is no space for what must be decompressed.</exception>
    public static async Task<LocalSource> OpenAsync(BaseImageChoice choice, bool all, Session session)
    {
        session.Step($"Reading {choice.Location.Name}");
        var source = await choice.Location.OpenAsync(choice.Platform, session);
        var entry = source.SelectEntry(choice.Name, choice.Tag, out var warning);
        if (warning is not null) session.Warn(warning);
        if ((all && entry.Descriptors.Count > 0) || (entry.IsArtifact && choice.Platform is null))
            return new(source, choice.Location.Name, entry.References, null, RootOf(entry, source, choice));
        var image = entry.Load(choice.Platform);
        return new(source, choice.Location.Name, entry.References, image, image.Manifest);
    }

    /// <inheritdoc/>
    public override Task<ManifestDocument> ReadAsync(Descriptor entry, CancellationToken cancellationToken) => Task.FromResult(_source.ReadDocument(entry));

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

    // Several manifests under one name are an image for several platforms as an index over them is.
    private static ManifestDocument RootOf(ImageEntry entry, ImageSource source, BaseImageChoice choice) => entry.Descriptors is [var single]
        ? source.ReadDocument(single)
        : ManifestRewriting.IndexOf(entry.Descriptors, new(choice.Location.Name));
}
