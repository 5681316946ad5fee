using OverlayImg.FileSystems;
using OverlayImg.Images;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Remote;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Builders.Transfers;

/// <summary>An image of an archive or a layout, or with all that is there under one name.</summary>
internal sealed class LocalSource : TransferSource
{
    private readonly ImageSource _source;
    private readonly ArchiveImage? _image;
    private readonly UnpackedBlobs _unpacked;

    private LocalSource(ImageSource source, string name, IReadOnlyList<ImageReference> references, ArchiveImage? image, ManifestDocument? root, UnpackedBlobs unpacked)
    {
        (_source, _image, _unpacked) = (source, image, unpacked);
        (Name, References, Root) = (name, references, root);
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<ImageReference> References { get; }

    /// <inheritdoc/>
    public override string FetchingText => "Verifying";

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
        var unpacked = new UnpackedBlobs(session.Cache);
        var source = await choice.Location.OpenAsync(choice.Platform, session);
        var entry = source.SelectEntry(choice.Name, choice.Tag, out var warning);
        if (warning is not null) session.Warn(warning);
        if ((all && entry.Descriptors.Count > 0) || (entry.IsArtifact && choice.Platform is null))
            return new(source, choice.Location.Name, entry.References, null, RootOf(entry, source, choice), unpacked);
        var image = entry.Load(choice.Platform);
        return new(source, choice.Location.Name, entry.References, image, image.Manifest, unpacked);
    }

    /// <inheritdoc/>
    public override Task<ManifestDocument> ReadAsync(Descriptor entry, CancellationToken cancellationToken) => Task.FromResult(_source.ReadDocument(entry));

    /// <inheritdoc/>
    public override async Task<TransferImage> ReadImageAsync(ImageManifest? manifest, CancellationToken cancellationToken)
    {
        if (manifest is { IsImage: false }) return await ReadArtifactAsync(manifest, cancellationToken);
        var image = _image is not null && manifest == _image.Manifest ? _image : _source.ReadImage(manifest!);
        var known = new Dictionary<(Digest, Digest?), TransferLayer>();
        return new(manifest, image.Config.Bytes, [.. image.Layers.Select((layer, index) => LayerOf(layer, manifest?.Layers[index], known))]);
    }

    // Several manifests under one name are an image for several platforms as an index over them is.
    private static ManifestDocument RootOf(ImageEntry entry, ImageSource source, BaseImageChoice choice) => entry.Descriptors is [var single]
        ? source.ReadDocument(single)
        : ManifestRewriting.IndexOf(entry.Descriptors, new(choice.Location.Name));

    private TransferLayer LayerOf(Layer layer, Descriptor? blob, Dictionary<(Digest, Digest?), TransferLayer> known)
    {
        if (known.TryGetValue((layer.DiffId, layer.BlobDigest), out var there)) return there;
        // Of bytes that are not compressed the digest is the diff ID; of others nobody may have said it.
        blob ??= layer.Compression == CompressionFormat.None ? new("", layer.DiffId, layer.StoredLength) : null;
        return known[(layer.DiffId, layer.BlobDigest)] = new(blob, layer.StoredLength, layer.Compression, FetchAsync)
        {
            IsElsewhere = layer.IsElsewhere,
            IsKnown = () => blob is not null && _unpacked.Has(blob.Digest, layer.DiffId),
        };

        async Task<FetchedLayer> FetchAsync(IProgress<int> meter, CancellationToken cancellationToken)
        {
            var digest = await layer.VerifyAsync(meter, cancellationToken);
            _unpacked.Add(digest, layer.DiffId);
            return new(digest, layer.StoredContent);
        }
    }

    private async Task<TransferImage> ReadArtifactAsync(ImageManifest manifest, CancellationToken cancellationToken)
    {
        var config = _source.OpenBlob(manifest.Config);
        if (config.Length > ImageConfig.MaximumLength) throw new InputException($"has a config of {config.Length} bytes, more than are read", manifest.Where);
        var bytes = new byte[config.Length];
        config.Read(0, bytes);
        await RequireAsync(manifest.Config, config, cancellationToken);
        var known = new Dictionary<Digest, TransferLayer>();
        foreach (var part in manifest.Layers)
            known.TryAdd(part.Digest, new(part, part.Size, null, (meter, token) => FetchAsync(part, meter, token)) { IsKnown = () => true });
        return new(manifest, bytes, [.. manifest.Layers.Select(part => known[part.Digest])]);
    }

    private async Task<FetchedLayer> FetchAsync(Descriptor part, IProgress<int> meter, CancellationToken cancellationToken)
    {
        var content = _source.OpenBlob(part);
        await RequireAsync(part, content, cancellationToken);
        meter.ReportAll(part.Size);
        return new(part.Digest, content);
    }

    private async Task RequireAsync(Descriptor blob, FileContent content, CancellationToken cancellationToken)
    {
        await using var stream = ContentStream.Open(content, 0);
        var actual = await Digest.OfAsync(stream, cancellationToken);
        if (actual != blob.Digest) throw new InputException($"has a blob with the digest {actual}, not {blob.Digest}", new(Name));
    }
}
