using OverlayImg.Images.Compression;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Builders.NewImages;

/// <summary>
/// Gives the layers of a new image one compression, since some clients take the compression of the first layer for that of all layers.
/// </summary>
internal static class LayerCompression
{
    private const string StepName = "Compressing the layers";

    /// <summary>The layers of the image, bottom first. Without a wanted compression, the base's layers stay as they are.</summary>
    /// <param name="baseLayers">The layers of the base, which were verified.</param>
    /// <param name="newLayers">Layers that are not compressed.</param>
    /// <param name="wanted">The compression of all layers; null for the compression of the base's first layer.</param>
    /// <param name="session">The operation. It owns the compressed layers.</param>
    /// <exception cref="InputException">A file of a new layer changed.</exception>
    /// <exception cref="MachineException">The disk is full, or the library that compresses is not installed.</exception>
    public static async Task<IReadOnlyList<Layer>> ApplyAsync(
        IReadOnlyList<Layer> baseLayers, IReadOnlyList<Layer> newLayers, CompressionFormat? wanted, Session session)
    {
        var target = wanted ?? OfFirst(baseLayers);
        Layer[] layers = [.. baseLayers, .. newLayers];
        var first = wanted is null ? baseLayers.Count : 0;
        // The largest first: what is left at the end is small, and no core waits long for another.
        int[] pending = [.. Enumerable.Range(first, layers.Length - first).Where(index => layers[index].Compression != target)
            .OrderByDescending(index => layers[index].StoredLength)];
        if (pending.Length == 0) return layers;
        session.Step(StepName);
        await Parallel.ForEachAsync(pending, session.CancellationToken, (index, token) =>
        {
            layers[index] = Recompressed(layers[index], target, session with { CancellationToken = token });
            return ValueTask.CompletedTask;
        });
        return layers;
    }

    // Layers that no client reads as they are, such as those of xz, are written without compression.
    private static CompressionFormat OfFirst(IReadOnlyList<Layer> layers) => layers switch
    {
        [{ Compression: CompressionFormat.Gzip or CompressionFormat.Zstd } first, ..] => first.Compression,
        _ => CompressionFormat.None,
    };

    private static Layer Recompressed(Layer layer, CompressionFormat target, Session session)
    {
        var where = new InputLocation(Layer: layer.DiffId.ToString());
        var (bytes, stored) = Recompression.Run(layer.StoredContent, layer.Compression, target, session.Scratch, where, session.CancellationToken);
        return new Layer(new SourceContent(session.Own(bytes), 0, bytes.Length), target, layer.DiffId, stored.Digest, where).AsVerified(stored.Digest);
    }
}
