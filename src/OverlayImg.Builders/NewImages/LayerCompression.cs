using OverlayImg.Images.Compression;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Sessions;
using OverlayImg.Images.Streams;

namespace OverlayImg.Builders.NewImages;

/// <summary>
/// Gives all layers of a new image the same compression, because some clients take the compression of the first layer for that of all layers.
/// </summary>
internal static class LayerCompression
{
    private const string StepName = "Compressing the layers";

    /// <summary>Compresses layers, and returns all layers of the image, bottom first.</summary>
    /// <param name="baseLayers">The verified layers of the base image.</param>
    /// <param name="newLayers">The uncompressed new layers.</param>
    /// <param name="wanted">Compression of all layers; null to leave base layers unchanged and compress new layers like the first base layer.</param>
    /// <param name="session">The operation, which owns the compressed layers.</param>
    /// <exception cref="InputException">A file of a new layer changed.</exception>
    /// <exception cref="MachineException">The disk is full, or the library for the compression is not installed.</exception>
    public static async Task<IReadOnlyList<Layer>> ApplyAsync(
        IReadOnlyList<Layer> baseLayers, IReadOnlyList<Layer> newLayers, CompressionFormat? wanted, Session session)
    {
        var target = wanted ?? OfFirst(baseLayers);
        Layer[] layers = [.. baseLayers, .. newLayers];
        var first = wanted is null ? baseLayers.Count : 0;
        // The largest layers come first, so that cores finish at about the same time.
        int[] pending = [.. Enumerable.Range(first, layers.Length - first).Where(index => layers[index].Compression != target)
            .OrderByDescending(index => layers[index].StoredLength)];
        if (pending.Length == 0) return layers;
        var meter = session.Meter(StepName, pending.Sum(index => layers[index].StoredLength));
        await Parallel.ForEachAsync(pending, session.CancellationToken, (index, token) =>
        {
            layers[index] = Recompressed(layers[index], target, meter, session with { CancellationToken = token });
            return ValueTask.CompletedTask;
        });
        return layers;
    }

    // If clients can't read the first layer's compression, such as xz, new layers are written uncompressed.
    private static CompressionFormat OfFirst(IReadOnlyList<Layer> layers) => layers switch
    {
        [{ Compression: CompressionFormat.Gzip or CompressionFormat.Zstd } first, ..] => first.Compression,
        _ => CompressionFormat.None,
    };

    private static Layer Recompressed(Layer layer, CompressionFormat target, IProgress<int> meter, Session session)
    {
        var where = new InputLocation(Layer: layer.DiffId.ToString());
        var metered = new MeteredContent(layer.StoredContent, meter);
        var (bytes, stored) = Recompression.Run(metered, layer.Compression, target, session.Scratch, where, session.CancellationToken);
        var content = new SourceContent(session.Own(bytes), 0, bytes.Length);
        return new Layer(content, target, layer.DiffId, stored.Digest, where).AsVerified(stored.Digest);
    }
}
