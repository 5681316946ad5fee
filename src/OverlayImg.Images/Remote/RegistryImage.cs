using System.Collections.Concurrent;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries.Options;
using OverlayImg.Images.Sessions;
using OverlayImg.Images.Sources;

namespace OverlayImg.Images.Remote;

/// <summary>Opens an image of a registry like a local image. The cache keeps the image's blobs while the image is open.</summary>
internal static class RegistryImage
{
    /// <summary>
    /// Fetches the blobs that the cache does not have, and verifies their digests. The reader of the image verifies the
    /// diff IDs of the layers. A null <paramref name="platform"/> takes any image, and from an index the host's. The session
    /// owns the image.
    /// </summary>
    /// <exception cref="InputException">The image does not exist or is broken.</exception>
    /// <exception cref="MachineException">The registry can't be reached or denies access.</exception>
    public static async Task<ImageSource> FetchAsync(RegistryReference image, Platform? platform, CachedRegistry registry, Session session)
    {
        var source = await RegistrySource.OpenAsync(image, platform, all: false, registry, session);
        var manifest = (ImageManifest)source.Root;
        manifest.RequireImage();
        var config = await source.ReadConfigAsync(manifest, session.CancellationToken);
        var blobs = await FetchLayersAsync(manifest, source.Image, registry, session);
        var where = new InputLocation(source.Name);
        var layers = manifest.Layers.Zip(config.DiffIds, (layer, diffId) => LayerOf(blobs[layer.Digest], diffId, layer.Digest, where));
        return session.Own(ImageSource.Of(where, new(source.References, config, [.. layers]) { Manifest = manifest }, [.. blobs.Values]));
    }

    private static Layer LayerOf(ByteSource blob, Digest diffId, Digest digest, InputLocation where)
    {
        var content = new SourceContent(blob, 0, blob.Length);
        return new(content, CompressionMagic.DetectIn(content), diffId, digest, where);
    }

    private static async Task<IReadOnlyDictionary<Digest, ByteSource>> FetchLayersAsync(
        ImageManifest manifest, RegistryReference repository, CachedRegistry registry, Session session)
    {
        Descriptor[] distinct = [.. manifest.Layers.DistinctBy(layer => layer.Digest)];
        var meter = session.Meter($"Fetching {Counted.Of(distinct.Length, "layer")}", distinct.Sum(layer => layer.Size));
        var layers = new ConcurrentDictionary<Digest, ByteSource>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = RegistryLimits.MaximumTransfers, CancellationToken = session.CancellationToken };
        await Parallel.ForEachAsync(distinct, options, async (layer, token) =>
            layers[layer.Digest] = session.Own(await registry.GetBlobAsync(repository, layer, meter, token)).Source);
        return layers;
    }
}
