using System.Collections.Concurrent;
using OverlayImg.FileSystems;
using OverlayImg.Images;

namespace OverlayImg.Builders;

/// <summary>The layers of an image: each distinct one opened once, read and verified beside the others.</summary>
internal sealed class BaseLayers : IDisposable
{
    private readonly ConcurrentDictionary<Digest, LayerContent> _contents = new();
    private readonly ConcurrentDictionary<Digest, OverlayLayer> _layers = new();
    private readonly LayerVerification _verification = new();

    private BaseLayers()
    {
    }

    /// <summary>The layers in overlay form, bottom first, completed by what they take from below.</summary>
    public IReadOnlyList<FileTree> Trees { get; private set; } = [];

    /// <summary>What is odd about them, in sentences.</summary>
    public IReadOnlyList<string> Warnings { get; private set; } = [];

    /// <summary>Bytes of the distinct layers' uncompressed tars.</summary>
    public long Length => _contents.Values.Sum(content => content.Length);

    /// <summary>Opens them, bottom first.</summary>
    /// <exception cref="InputException">A layer is damaged.</exception>
    /// <exception cref="MachineException">There is no space for what must be decompressed.</exception>
    public static async Task<BaseLayers> OpenAsync(IReadOnlyList<Layer> layers, ScratchDirectory scratch, CancellationToken cancellationToken)
    {
        var opened = new BaseLayers();
        try
        {
            Layer[] distinct = [.. layers.DistinctBy(layer => layer.DiffId)];
            await Parallel.ForEachAsync(distinct, cancellationToken, (layer, token) => opened.OpenAsync(layer, scratch, token));
            opened.Warnings = [.. distinct.SelectMany(layer => opened._layers[layer.DiffId].Warnings)];
            opened.Trees = Complete([.. layers.Select(layer => opened._layers[layer.DiffId])], cancellationToken);
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Waits until all are verified.</summary>
    /// <exception cref="InputException">A layer is not the one that the config means.</exception>
    public Task VerifyAsync(IProgress<int>? hashed, CancellationToken cancellationToken) => _verification.WaitAsync(hashed, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        _verification.Dispose();
        foreach (var content in _contents.Values) content.Dispose();
    }

    private async ValueTask OpenAsync(Layer layer, ScratchDirectory scratch, CancellationToken cancellationToken)
    {
        var content = _contents[layer.DiffId] = await layer.OpenAsync(scratch, cancellationToken);
        // Hashing is what takes longest: it begins before the headers are read.
        _verification.Begin(content);
        _layers[layer.DiffId] = content.ReadTree(cancellationToken);
    }

    // What a layer leaves to those below it is taken from them, so that its tree says the same as the layer unpacked over them.
    private static List<FileTree> Complete(IReadOnlyList<OverlayLayer> layers, CancellationToken cancellationToken)
    {
        var complete = new List<FileTree>();
        foreach (var layer in layers)
        {
            complete.Add(layer.DependsOnLower ? layer.CompleteAgainst(LayerStack.Merge(complete, cancellationToken)) : layer.Tree);
        }

        return complete;
    }
}
