using OverlayImg.FileSystems;
using OverlayImg.Images.Overlay;

namespace OverlayImg.Images.Inspection;

/// <summary>Finds files that an image stores although no container sees them.</summary>
public static class WastedSpace
{
    /// <summary>
    /// Lists the files of the layers that the merged tree lacks, the largest first, then by path. A file with hard
    /// links is wasted if all of its names are gone. Empty files are not listed.
    /// </summary>
    /// <param name="layers">The layers in overlay form with implied directories resolved, bottom first.</param>
    /// <param name="merged">The merged tree of the layers.</param>
    public static IReadOnlyList<WastedFile> Find(IReadOnlyList<FileTree> layers, FileTree merged, CancellationToken cancellationToken)
    {
        // Nodes are compared by reference: the merged tree consists of the layers' own nodes.
        var known = new HashSet<FileNode>(Files(merged).Select(file => file.Node), ReferenceEqualityComparer.Instance);
        var wasted = new List<WastedFile>();
        for (var index = 0; index < layers.Count; index++)
        {
            foreach (var (path, node) in Files(layers[index]))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!known.Add(node)) continue;
                var (goneBy, isDeleted) = FindRemoval(layers, index, path);
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

    private static (int Layer, bool IsDeleted) FindRemoval(IReadOnlyList<FileTree> layers, int from, ByteString path)
    {
        for (var index = from + 1; index < layers.Count; index++)
        {
            if (IsDeletedBy(layers[index].Root, path) is { } isDeleted) return (index, isDeleted);
        }

        throw new InvalidOperationException($"No layer overwrites or deletes {path}, but the merged tree lacks the file.");
    }

    /// <summary>Whether a higher layer deletes the file (true), overwrites it (false), or does not change it (null).</summary>
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
