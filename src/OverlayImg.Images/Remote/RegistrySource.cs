using OverlayImg.Images.Layers;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;
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
    public override string? FetchingText => "Fetching";

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
        var chosen = all || root is not ImageIndex index ? root : await source.ChooseAsync(index, platform ?? Platform.Host, session.CancellationToken);
        // Only an image is for a platform.
        if (platform is not null && chosen is ImageManifest manifest) manifest.RequireImage();
        return chosen == root ? source : new(registry, pinned, chosen, platform, session);
    }

    /// <inheritdoc/>
    public override async Task<ManifestDocument> ReadAsync(Descriptor entry, CancellationToken cancellationToken)
    {
        var document = await _registry.GetDocumentAsync(Image.At(entry.Digest), cancellationToken);
        document.RequireDescribedBy(entry);
        return document;
    }

    /// <inheritdoc/>
    public override async Task<Image> ReadImageAsync(ImageManifest? manifest, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        var config = await ReadConfigAsync(manifest, cancellationToken);
        var layers = manifest.Layers.Zip(config.DiffIds, (blob, diffId) => new RegistryLayer(blob, diffId, Image, _registry, _session));
        return new(References, config, [.. layers]) { Manifest = manifest };
    }

    /// <inheritdoc/>
    public override async Task<Blob> GetBlobAsync(Descriptor blob, IProgress<int> received, CancellationToken cancellationToken)
    {
        var source = _session.Own(await _registry.GetBlobAsync(Image, blob, received, cancellationToken)).Source;
        return new(blob.Digest, new SourceContent(source, 0, source.Length));
    }

    /// <summary>The config of an image's manifest.</summary>
    /// <exception cref="InputException">It is broken, or not this image's.</exception>
    public async Task<ImageConfig> ReadConfigAsync(ImageManifest manifest, CancellationToken cancellationToken)
    {
        manifest.RequireImage();
        var config = ImageConfig.Parse(await _registry.ReadBlobAsync(Image, manifest.Config, ImageConfig.MaximumLength, cancellationToken), new(Name));
        if (manifest == Root && _platform is not null) config.Require(_platform);
        manifest.RequireLayersOf(config);
        return config;
    }

    private async Task<ManifestDocument> ChooseAsync(ImageIndex index, Platform platform, CancellationToken cancellationToken)
    {
        var walk = new IndexWalk([index.Descriptor], new(Name));
        while (walk.TryNext(out var entry)) walk.Enter(entry.Digest == index.Digest ? index : (ImageIndex)await ReadAsync(entry, cancellationToken));
        return await ReadAsync(PlatformChoice.Select(walk, platform, index.Where), cancellationToken);
    }
}
