using System.Collections.Concurrent;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Overlay;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Images.BaseImages;

/// <summary>The layers of an image. Each distinct layer is opened once; layers are read and verified in parallel.</summary>
internal sealed class BaseLayers : IDisposable
{
    private readonly ConcurrentDictionary<Digest, LayerContent> _contents = new();
    private readonly ConcurrentDictionary<Digest, OverlayLayer> _layers = new();
    private readonly LayerVerification _verification = new();
    private readonly VerifiedLayers? _verified;
    private readonly TreeBudget _budget = new();
    private Layer[] _unverified = [];

    private BaseLayers(VerifiedLayers? verified) => _verified = verified;

    /// <summary>The layers in overlay form, bottom first, with the nodes that they take from lower layers.</summary>
    public IReadOnlyList<LayerTree> Trees { get; private set; } = [];

    /// <summary>Warnings about the layers, as sentences.</summary>
    public IReadOnlyList<string> Warnings { get; private set; } = [];

    /// <summary>
    /// Number of bytes to hash: the uncompressed tars of the distinct layers that this object opened and that are unverified.
    /// </summary>
    public long LengthToVerify => _unverified.Sum(layer => _contents[layer.DiffId].Length);

    /// <summary>Returns the uncompressed tar of a layer that this object opened.</summary>
    public LayerContent ContentOf(Layer layer) => _contents[layer.DiffId];

    /// <summary>Opens and reads layers. The session owns them.</summary>
    /// <param name="layers">The layers, bottom first.</param>
    /// <param name="verified">Layers that are not hashed; newly verified layers are added. Null to hash all layers.</param>
    /// <param name="others">Open layers of another image, which must stay open; null for none.</param>
    /// <exception cref="InputException">A layer is damaged.</exception>
    /// <exception cref="MachineException">The decompressed layers need more space.</exception>
    public static async Task<BaseLayers> OpenAsync(IReadOnlyList<Layer> layers, VerifiedLayers? verified, BaseLayers? others, Session session)
    {
        var opened = session.Own(new BaseLayers(verified));
        var cancellationToken = session.CancellationToken;
        foreach (var (diffId, layer) in others?._layers ?? []) opened._layers[diffId] = layer;
        Layer[] own = [.. layers.DistinctBy(layer => layer.DiffId).Where(layer => !opened._layers.ContainsKey(layer.DiffId))];
        opened._unverified = [.. own.Where(layer => verified?.Contains(layer) != true)];
        await Task.WhenAll(own.Select(layer => Task.Run(() => opened.Open(layer, session.Scratch, cancellationToken), cancellationToken)));
        opened.Warnings = [.. own.SelectMany(layer => opened._layers[layer.DiffId].Warnings)];
        opened.Trees = opened.Complete([.. layers.Select(layer => layer.DiffId)], cancellationToken);
        return opened;
    }

    /// <summary>Waits until all layers are verified, and remembers them as verified.</summary>
    /// <exception cref="InputException">The digest of a layer differs from the config's diff ID.</exception>
    public async Task VerifyAsync(IProgress<int>? hashed, CancellationToken cancellationToken)
    {
        await _verification.WaitAsync(hashed, cancellationToken);
        _verified?.Add(_unverified);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _verification.Dispose();
        foreach (var content in _contents.Values) content.Dispose();
    }

    private void Open(Layer layer, ScratchDirectory scratch, CancellationToken cancellationToken)
    {
        var content = _contents[layer.DiffId] = layer.Open(scratch, cancellationToken);
        // Hashing takes longest, so it starts before the headers are read.
        if (_unverified.Contains(layer)) _verification.Begin(content);
        _layers[layer.DiffId] = content.ReadTree(_budget, cancellationToken);
    }

    // Adds the nodes that a layer only implies, such as parent directories and targets of hard links, from the lower layers.
    private List<LayerTree> Complete(IReadOnlyList<Digest> diffIds, CancellationToken cancellationToken)
    {
        var complete = new List<LayerTree>();
        var stack = new LayerPile();
        for (var index = 0; index < diffIds.Count; index++)
        {
            var layer = _layers[diffIds[index]];
            var identity = layer.DependsOnLower ? Digest.ChainId(diffIds.Take(index + 1)) : diffIds[index];
            complete.Add(new(identity, stack.Add(layer, cancellationToken)));
        }

        return complete;
    }
}
