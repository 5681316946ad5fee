using System.Collections.Concurrent;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Overlay;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Images.BaseImages;

/// <summary>The layers of an image: each distinct one opened once, read and verified beside the others.</summary>
internal sealed class BaseLayers : IDisposable
{
    private readonly ConcurrentDictionary<Digest, LayerContent> _contents = new();
    private readonly ConcurrentDictionary<Digest, OverlayLayer> _layers = new();
    private readonly LayerVerification _verification = new();
    private readonly VerifiedLayers? _verified;
    private readonly TreeBudget _budget = new();
    private Layer[] _unverified = [];

    private BaseLayers(VerifiedLayers? verified) => _verified = verified;

    /// <summary>The layers in overlay form, bottom first, completed by what they take from below.</summary>
    public IReadOnlyList<LayerTree> Trees { get; private set; } = [];

    /// <summary>What is odd about them, in sentences.</summary>
    public IReadOnlyList<string> Warnings { get; private set; } = [];

    /// <summary>Bytes that are hashed: of the distinct layers' uncompressed tars, where they were opened here and are not known to be verified.</summary>
    public long LengthToVerify => _unverified.Sum(layer => _contents[layer.DiffId].Length);

    /// <summary>The uncompressed tar of one of them.</summary>
    public LayerContent ContentOf(Layer layer) => _contents[layer.DiffId];

    /// <summary>Opens them. The session owns them.</summary>
    /// <param name="layers">Bottom first.</param>
    /// <param name="verified">Those that need not be hashed; the others are added when they were. Null where all are to be hashed.</param>
    /// <param name="others">Layers that are open already, and stay so; or null.</param>
    /// <param name="session">The operation.</param>
    /// <exception cref="InputException">A layer is damaged.</exception>
    /// <exception cref="MachineException">There is no space for what must be decompressed.</exception>
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

    /// <summary>Waits until all are verified.</summary>
    /// <exception cref="InputException">A layer is not the one that the config means.</exception>
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
        // Hashing is what takes longest: it begins before the headers are read.
        if (_unverified.Contains(layer)) _verification.Begin(content);
        _layers[layer.DiffId] = content.ReadTree(_budget, cancellationToken);
    }

    // What a layer leaves to those below it is taken from them, so that its tree says the same as the layer unpacked over them.
    private List<LayerTree> Complete(IReadOnlyList<Digest> diffIds, CancellationToken cancellationToken)
    {
        var complete = new List<LayerTree>();
        var pile = new LayerPile();
        for (var index = 0; index < diffIds.Count; index++)
        {
            var layer = _layers[diffIds[index]];
            var identity = layer.DependsOnLower ? Digest.ChainId(diffIds.Take(index + 1)) : diffIds[index];
            complete.Add(new(identity, pile.Add(layer, cancellationToken)));
        }

        return complete;
    }
}
