using OverlayImg.FileSystems;
using OverlayImg.Images.Overlay;

namespace OverlayImg.Images.Inspection;

/// <summary>Finds the content that an image stores for nothing.</summary>
public static class WastedSpace
{
    /// <summary>
    /// The files of each layer that are no longer there in the merged view, the biggest first, then by path. A file with several names is wasted
    /// when none of them is left. Empty files waste nothing and are not among them.
    /// </summary>
    /// <param name="layers">The layers in overlay form, completed, bottom first.</param>
    /// <param name="merged">The same, merged.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static IReadOnlyList<WastedFile> Find(IReadOnlyList<FileTree> layers, FileTree merged, CancellationToken cancellationToken)
    {
        // Nodes are compared as objects: merging shares those of the layers, it makes none.
        var known = new HashSet<FileNode>(Files(merged).Select(file => file.Node), ReferenceEqualityComparer.Instance);
        var wasted = new List<WastedFile>();
        for (var index = 0; index < layers.Count; index++)
        {
            foreach (var (path, node) in Files(layers[index]))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!known.Add(node)) continue;
                var (goneBy, isDeleted) = FindEnd(layers, index, path);
                wasted.Add(new(path, node.Content.Length, index, goneBy, isDeleted));
            }
        }

        wasted.Sort((left, right) => (right.Length, left.Layer).CompareTo((left.Length, right.Layer)) is not 0 and var order
            ? order : left.Path.CompareTo(right.Path));
        return wasted;
    }

    private static IEnumerable<(ByteString Path, RegularFileNode Node)> Files(FileTree tree)
    {
        foreach (var (path, node) in tree.Walk())
        {
            if (node is RegularFileNode { Content.Length: > 0 } file) yield return (path, file);
        }
    }

    private static (int Layer, bool IsDeleted) FindEnd(IReadOnlyList<FileTree> layers, int from, ByteString path)
    {
        for (var index = from + 1; index < layers.Count; index++)
        {
            if (IsDeletedBy(layers[index].Root, path) is { } isDeleted) return (index, isDeleted);
        }

        throw new InvalidOperationException($"No layer took {path} away, and yet it is not there.");
    }

    /// <summary>Whether a layer over the one with the file deletes it (true), overwrites it (false), or leaves it alone (null).</summary>
    private static bool? IsDeletedBy(DirectoryNode root, ByteString path)
    {
        var directory = root;
        var isOpaque = false;
        foreach (var range in TreePath.Components(path.Span))
        {
            var node = directory.Find(new(path.Span[range]));
            isOpaque |= OverlayForm.IsOpaque(directory);
            if (node is null) return isOpaque ? true : null;
            if (OverlayForm.IsWhiteout(node)) return true;
            if (range.End.Value == path.Length) return false;
            if (node is not DirectoryNode child) return true;
            directory = child;
        }

        return null;
    }
}
