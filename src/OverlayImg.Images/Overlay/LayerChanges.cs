using OverlayImg.FileSystems;

namespace OverlayImg.Images.Overlay;

/// <summary>What a layer changes in its parent layers.</summary>
/// <param name="Added">Number of paths that the parent layers do not have.</param>
/// <param name="Changed">Number of paths that replace a path of the parent layers. A directory counts if its owner, mode or attributes differ.</param>
/// <param name="Deleted">Number of deleted paths. A deleted directory counts once.</param>
public sealed record LayerChanges(int Added, int Changed, int Deleted)
{
    private static readonly FileTree Nothing = new FileTree().Finish();

    /// <summary>Compares a layer with its parent layers.</summary>
    /// <param name="layer">The tree of the layer, with <c>.wh.</c> names for whiteouts.</param>
    /// <param name="parents">The merged tree of the parent layers; null without a base image.</param>
    public static LayerChanges Of(FileTree layer, FileTree? parents)
    {
        var (added, changed, deleted) = (0, 0, 0);
        foreach (var (path, node) in layer.Walk())
        {
            // The root is no change: every file system has one.
            if (node == layer.Root && parents is null) continue;
            if (TreePath.Name(path).Span.StartsWith(WhiteoutName.Prefix)) deleted++;
            else if ((parents ?? Nothing).Find(path.Span) is not { } before) added++;
            else if (node is not DirectoryNode || before is not DirectoryNode || Described(node) != Described(before)) changed++;
        }

        return new(added, changed, deleted);
    }

    /// <summary>Adds paths that the parent layers do not have.</summary>
    public LayerChanges WithAdded(int count) => this with { Added = Added + count };

    // The time of a directory changes with its entries, which count themselves.
    private static Metadata Described(FileNode node) => node.Metadata with { ModificationTime = default };
}
