using OverlayImg.FileSystems;

namespace OverlayImg.Images.Overlay;

/// <summary>Layers that are put on top of each other, bottom first. Each gets what it takes from the layers below.</summary>
/// <remarks>The lower layers are merged once, whatever the number of layers that need them.</remarks>
public sealed class LayerPile
{
    private readonly List<FileTree> _unmerged = [];
    private FileTree _merged = LayerStack.Merge([]);

    /// <summary>Adds a layer. Returns its tree, complete.</summary>
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
