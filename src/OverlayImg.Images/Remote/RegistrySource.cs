using OverlayImg.Images.Layers;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Images.Remote;

/// <summary>An image or an index in a registry as the source of a transfer. Fetched content stays in the cache.</summary>
internal sealed class RegistrySource : TransferSource
{
    private readonly CachedRegistry _registry;
    private readonly Platform? _platform;
    private readonly Session _session;

    private RegistrySource(CachedRegistry registry, RegistryReference image, ManifestDocument root, Platform? platform, Session session) =>
        (_registry, Image, Root, _platform, _session) = (registry, image, root, platform, session);

    /// <summary>The reference with a digest: the index's digest if the image was chosen from an index.</summary>
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

    /// <summary>
    /// Looks up an image. In an index, chooses the image for the platform (null for the host's), unless
    /// <paramref name="all"/> asks for all images. For a tag, a warning tells the digest that pins the image. The
    /// session owns the fetched blobs.
    /// </summary>
    /// <exception cref="InputException">The image does not exist, or the index has no image for the platform.</exception>
    /// <exception cref="MachineException">The registry can't be reached or denies access.</exception>
    public static async Task<RegistrySource> OpenAsync(
        RegistryReference image, Platform? platform, bool all, CachedRegistry registry, Session session)
    {
        session.Step($"Looking up {image}");
        var root = await registry.LookUpAsync(image, session.CancellationToken);
        var pinned = image.At(root.Digest);
        if (image.Digest is null)
        {
            session.Warn($"{FamiliarName.Of(image)} is {image.Name}@{pinned.Digest} now, and can become another image: "
                + "name the image by its digest to pin it.");
        }

        var source = new RegistrySource(registry, pinned, root, platform, session);
        var chosen = all || root is not ImageIndex index
            ? root : await source.ChooseAsync(index, platform ?? Platform.Host, session.CancellationToken);
        // An artifact has no platform, so it can't be what the user asked for.
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

    /// <summary>Reads the config of an image's manifest, and checks that its layers and its platform fit.</summary>
    /// <exception cref="InputException">The config is broken or does not fit the manifest.</exception>
    public async Task<ImageConfig> ReadConfigAsync(ImageManifest manifest, CancellationToken cancellationToken)
    {
        manifest.RequireImage();
        var bytes = await _registry.ReadBlobAsync(Image, manifest.Config, ImageConfig.MaximumLength, cancellationToken);
        var config = ImageConfig.Parse(bytes, new(Name));
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
