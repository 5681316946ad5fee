using OverlayImg.FileSystems;

namespace OverlayImg.Images.Overlay;

/// <summary>A stack of layers that grows from the bottom. Each new layer is completed from the layers below.</summary>
/// <remarks>The lower layers are merged once for all layers that need them.</remarks>
public sealed class LayerPile
{
    private readonly List<FileTree> _unmerged = [];
    private FileTree _merged = LayerStack.Merge([]);

    /// <summary>Adds a layer and returns its tree with the parts that come from the lower layers.</summary>
    /// <exception cref="InputException">The target of a hard link is in no layer.</exception>
    public FileTree Add(OverlayLayer layer, CancellationToken cancellationToken)
    {
        var tree = layer.DependsOnLower ? layer.CompleteAgainst(MergeLower(cancellationToken), cancellationToken) : layer.Tree;
        _unmerged.Add(tree);
        return tree;
    }

    private FileTree MergeLower(CancellationToken cancellationToken)
    {
        _merged = LayerStack.Merge([_merged, .. _unmerged], cancellationToken);
        _unmerged.Clear();
        return _merged;
    }
}
