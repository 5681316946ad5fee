using OverlayImg.FileSystems;

namespace OverlayImg.Builders.Pages;

/// <summary>The layers that store the files of a merged tree.</summary>
internal sealed class LayerOrigins
{
    private readonly Dictionary<FileNode, int> _layers = new(ReferenceEqualityComparer.Instance);

    /// <summary>Walks all layers once.</summary>
    /// <param name="layers">The layers in overlay form with resolved references to lower layers, bottom first.</param>
    public LayerOrigins(IReadOnlyList<FileTree> layers, CancellationToken cancellationToken)
    {
        // A node that an upper layer takes from a lower layer belongs to the lower layer.
        foreach (var (index, layer) in layers.Index())
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var (_, node) in layer.Walk()) _layers.TryAdd(node, index);
        }
    }

    /// <summary>The index of the layer from 0 at the bottom; null for a directory that was merged of several layers.</summary>
    public int? Of(FileNode node) => _layers.TryGetValue(node, out var layer) ? layer : null;
}
