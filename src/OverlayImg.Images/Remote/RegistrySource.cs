using OverlayImg.Images.Sessions;

namespace OverlayImg.Images.Remote;

/// <summary>An image of a registry, or an index of one with all its images. What has come stays in the cache.</summary>
internal sealed class RegistrySource : TransferSource
{
    private readonly CachedRegistry _registry;
    private readonly Platform? _platform;
    private readonly Session _session;

    private RegistrySource(CachedRegistry registry, RegistryReference image, ManifestDocument root, Platform? platform, Session session) =>
        (_registry, Image, Root, _platform, _session) = (registry, image, root, platform, session);

    /// <summary>The image, by digest: of the index where it is one of an index.</summary>
    public RegistryReference Image { get; }

    /// <inheritdoc/>
    public override string Name => Image.ToString();

    /// <inheritdoc/>
    public override IReadOnlyList<ImageReference> References => Image.Tag is { } tag ? [new(Image.Name, tag)] : [];

    /// <inheritdoc/>
    public override RegistryReference Repository => Image;

    /// <inheritdoc/>
    public override string FetchingText => "Fetching";

    /// <inheritdoc/>
    public override ManifestDocument Root { get; }

    /// <summary>Finds the image; of an index, the one for the platform. A tag is looked up first, and the digest to pin told in a warning.</summary>
    /// <param name="image">The image.</param>
    /// <param name="platform">What the image must be for; null for any, and of an index then the one for this machine.</param>
    /// <param name="all">Whether all images of an index are meant.</param>
    /// <param name="registry">Where to ask.</param>
    /// <param name="session">The operation. It holds what has come.</param>
    /// <exception cref="InputException">There is no such image, or none for the platform.</exception>
    /// <exception cref="MachineException">The registry can't be reached, or does not allow it.</exception>
    public static async Task<RegistrySource> OpenAsync(RegistryReference image, Platform? platform, bool all, CachedRegistry registry, Session session)
    {
        session.Step($"Looking up {image}");
        var root = await registry.LookUpAsync(image, session.CancellationToken);
        var pinned = image.At(root.Digest);
        if (image.Digest is null)
            session.Warn($"{FamiliarName.Of(image)} is {image.Name}@{pinned.Digest} now, and can become another image: name it by the digest to pin it.");
        var source = new RegistrySource(registry, pinned, root, platform, session);
        if (all || root is not ImageIndex index) return source;
        return new(registry, pinned, await source.ChooseAsync(index, platform ?? Platform.Host, session.CancellationToken), platform, session);
    }

    /// <inheritdoc/>
    public override async Task<ManifestDocument> ReadAsync(Descriptor entry, CancellationToken cancellationToken)
    {
        var document = await _registry.GetDocumentAsync(Image.At(entry.Digest), cancellationToken);
        document.RequireDescribedBy(entry);
        return document;
    }

    /// <inheritdoc/>
    public override async Task<TransferImage> ReadImageAsync(ImageManifest? manifest, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        var (config, parsed) = await ReadConfigAsync(manifest, cancellationToken);
        return new(manifest, config, Layers(manifest, parsed?.DiffIds ?? manifest.Layers.Select(_ => (Digest?)null)));
    }

    /// <summary>The config of a manifest; parsed where it is an image's. An artifact has no config that is known here.</summary>
    /// <exception cref="InputException">It is broken, or not this image's.</exception>
    public async Task<(byte[] Bytes, ImageConfig? Config)> ReadConfigAsync(ImageManifest manifest, CancellationToken cancellationToken)
    {
        if (manifest.IsImage || (manifest == Root && _platform is not null)) manifest.RequireImage();
        var bytes = await _registry.ReadBlobAsync(Image, manifest.Config, ImageConfig.MaximumLength, cancellationToken);
        if (!manifest.IsImage) return (bytes, null);
        var config = ImageConfig.Parse(bytes, new(Name));
        if (manifest == Root && _platform is not null) config.Require(_platform);
        manifest.RequireLayersOf(config);
        return (bytes, config);
    }

    private async Task<ManifestDocument> ChooseAsync(ImageIndex index, Platform platform, CancellationToken cancellationToken)
    {
        var walk = new IndexWalk([index.Descriptor], new(Name));
        while (walk.TryNext(out var entry)) walk.Enter(entry.Digest == index.Digest ? index : (ImageIndex)await ReadAsync(entry, cancellationToken));
        return await ReadAsync(PlatformChoice.Select(walk, platform, index.Where), cancellationToken);
    }

    // A layer that an image has twice is one.
    private TransferLayer[] Layers(ImageManifest manifest, IEnumerable<Digest?> diffIds)
    {
        var known = new Dictionary<(Descriptor, Digest?), TransferLayer>();
        return [.. manifest.Layers.Zip(diffIds, LayerOf)];

        TransferLayer LayerOf(Descriptor blob, Digest? diffId)
        {
            var key = (new Descriptor(blob.MediaType, blob.Digest, blob.Size), diffId);
            if (known.TryGetValue(key, out var layer)) return layer;
            var compression = diffId is null ? null : blob.LayerCompression;
            return known[key] = new(blob, blob.Size, compression, (meter, cancellationToken) => FetchAsync(blob, diffId, meter, cancellationToken))
            {
                IsKnown = () => diffId is null || _registry.Unpacked.Has(blob.Digest, diffId),
            };
        }
    }

    private async Task<FetchedLayer> FetchAsync(Descriptor blob, Digest? diffId, IProgress<int> meter, CancellationToken cancellationToken)
    {
        var cached = _session.Own(await _registry.GetBlobAsync(Image, blob, meter, cancellationToken));
        if (diffId is not null && !_registry.Unpacked.Has(blob.Digest, diffId))
        {
            await Layer.OfBlob(cached.Source, diffId, blob.Digest, new(Name)).VerifyAsync(null, cancellationToken);
            _registry.Unpacked.Add(blob.Digest, diffId);
        }

        return new(blob.Digest, new SourceContent(cached.Source, 0, cached.Source.Length));
    }
}
