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

/// <summary>Opens an image of a registry like a local image. All blobs of the image are in the cache, and the cache keeps them as long as the image is open.</summary>
internal static class RegistryImage
{
    /// <summary>
    /// Fetches the blobs that the cache lacks. The digest of each blob is verified here. The diff IDs of the layers are verified by the reader of the image.
    /// The session owns the image.
    /// </summary>
    /// <param name="image">The image; of a tag, the digest to pin is told.</param>
    /// <param name="platform">What it must be for; null for any, and of an index then the one for this machine.</param>
    /// <param name="registry">Where to ask.</param>
    /// <param name="session">The operation.</param>
    /// <exception cref="InputException">There is no such image, or it is broken.</exception>
    /// <exception cref="MachineException">The registry can't be reached, or does not allow it.</exception>
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
