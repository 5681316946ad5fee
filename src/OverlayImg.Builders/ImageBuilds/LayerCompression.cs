using System.Collections.Concurrent;
using OverlayImg.FileSystems;
using OverlayImg.Images;

namespace OverlayImg.Builders;

/// <summary>
/// Gives the layers of a new image one compression, since some clients take the compression of the first layer for that of all layers. The compressed bytes
/// are readable until this is disposed of.
/// </summary>
/// <param name="wanted">The compression of all layers; null for the compression of the base's first layer.</param>
/// <param name="scratch">Holds the compressed layers.</param>
/// <param name="progress">Is told of the step.</param>
internal sealed class LayerCompression(CompressionFormat? wanted, ScratchDirectory scratch, IProgress<BuildEvent> progress) : IDisposable
{
    private const string Step = "Compressing the layers";

    private readonly ConcurrentBag<ByteSource> _compressed = [];

    /// <summary>The layers of the image, bottom first. Without a wanted compression, the base's layers stay as they are.</summary>
    /// <param name="baseLayers">The layers of the base, which were verified.</param>
    /// <param name="newLayers">Layers that are not compressed.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="InputException">A file of a new layer changed.</exception>
    /// <exception cref="MachineException">The disk is full, or the library that compresses is not installed.</exception>
    public async Task<IReadOnlyList<LayerBlob>> ApplyAsync(
        IReadOnlyList<LayerBlob> baseLayers, IReadOnlyList<LayerBlob> newLayers, CancellationToken cancellationToken)
    {
        var target = wanted ?? OfFirst(baseLayers);
        LayerBlob[] layers = [.. baseLayers, .. newLayers];
        var first = wanted is null ? baseLayers.Count : 0;
        // The largest first: what is left at the end is small, and no core waits long for another.
        int[] pending = [.. Enumerable.Range(first, layers.Length - first).Where(index => layers[index].Compression != target)
            .OrderByDescending(index => layers[index].Content.Length)];
        if (pending.Length == 0) return layers;
        progress.Report(new StepStarted(Step));
        await Parallel.ForEachAsync(pending, cancellationToken, (index, token) =>
        {
            layers[index] = Recompressed(layers[index], target, token);
            return ValueTask.CompletedTask;
        });
        return layers;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var source in _compressed) source.Dispose();
    }

    // Layers that no client reads as they are, such as those of xz, are written without compression.
    private static CompressionFormat OfFirst(IReadOnlyList<LayerBlob> layers) => layers switch
    {
        [{ Compression: CompressionFormat.Gzip or CompressionFormat.Zstd } first, ..] => first.Compression,
        _ => CompressionFormat.None,
    };

    private LayerBlob Recompressed(LayerBlob layer, CompressionFormat target, CancellationToken cancellationToken)
    {
        var where = new InputLocation(Layer: layer.DiffId.ToString());
        var (bytes, stored) = Recompression.Run(layer.Content, layer.Compression, target, scratch, where, cancellationToken);
        _compressed.Add(bytes);
        return new(layer.DiffId, stored.Digest, target, new SourceContent(bytes, 0, bytes.Length));
    }
}
