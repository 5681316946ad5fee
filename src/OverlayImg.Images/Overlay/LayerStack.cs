using OverlayImg.FileSystems;

namespace OverlayImg.Images.Overlay;

/// <summary>Merges the trees of stacked layers.</summary>
public static class LayerStack
{
    /// <summary>
    /// Merges layers into the tree that a container sees, without whiteouts and opaque marks. Directories are merged
    /// and take the metadata of the upper layer; every other node replaces the lower one (OCI Image Specification,
    /// layer, "Applying Changesets"; overlayfs). A directory that the upper layer only implies keeps the lower
    /// metadata. Content is shared.
    /// </summary>
    /// <param name="bottomFirst">The layers in overlay form, in the order of the config's <c>diff_ids</c>.</param>
    /// <remarks>The cost grows with the number of names in the layers, not with the size of the base image for each layer.</remarks>
    public static FileTree Merge(IEnumerable<FileTree> bottomFirst, CancellationToken cancellationToken = default)
    {
        var merged = new TreeEditor(new DirectoryNode(Metadata.DefaultDirectory));
        foreach (var layer in bottomFirst) Apply(layer.Root, merged, cancellationToken);
        return merged.ToTree();
    }

    private static void Apply(DirectoryNode layer, TreeEditor merged, CancellationToken cancellationToken)
    {
        var marked = DirectoriesWithMarks(layer);
        if (OverlayForm.IsOpaque(layer)) merged.ReplaceRoot(new DirectoryNode(merged.Root.Metadata));
        if (!layer.IsImplied) merged.Describe(ByteString.Empty, OverlayForm.Plain(layer.Metadata));

        var pending = new Stack<Level>([new(layer, merged.Root)]);
        while (pending.TryPop(out var level))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var (name, node) in level.Upper.UnsortedEntries)
            {
                if (OverlayForm.IsWhiteout(node)) level.Target.Remove(name);
                else if (node is not DirectoryNode upper) level.Target.Set(name, node);
                else if (MergeDirectory(merged, level.Target, name, upper, marked) is { } target) pending.Push(new(upper, target));
            }
        }
    }

    private sealed record Level(DirectoryNode Upper, DirectoryNode Target);

    /// <summary>Merges a directory without its entries; returns the target if the entries must be merged, too.</summary>
    private static DirectoryNode? MergeDirectory(
        TreeEditor merged, DirectoryNode parent, ByteString name, DirectoryNode upper, HashSet<DirectoryNode> marked)
    {
        var lower = parent.Find(name) as DirectoryNode;
        if (lower is not null && !OverlayForm.IsOpaque(upper))
        {
            return upper.IsImplied ? merged.Open(parent, name) : merged.Describe(parent, name, OverlayForm.Plain(upper.Metadata));
        }

        if (!marked.Contains(upper))
        {
            parent.Set(name, upper);
            return null;
        }

        var metadata = upper.IsImplied && lower is not null ? lower.Metadata : OverlayForm.Plain(upper.Metadata);
        return merged.Put(parent, name, new DirectoryNode(metadata));
    }

    /// <summary>Finds directories with a whiteout or an opaque mark at any depth, which the merged tree can't share.</summary>
    private static HashSet<DirectoryNode> DirectoriesWithMarks(DirectoryNode root)
    {
        var marked = new HashSet<DirectoryNode>();
        var parents = new Dictionary<DirectoryNode, DirectoryNode>();
        var pending = new Stack<DirectoryNode>([root]);
        while (pending.TryPop(out var directory))
        {
            var hasMark = !ReferenceEquals(OverlayForm.Plain(directory.ExtendedAttributes), directory.ExtendedAttributes);
            foreach (var (_, node) in directory.UnsortedEntries)
            {
                hasMark |= OverlayForm.IsWhiteout(node);
                if (node is not DirectoryNode child) continue;
                parents[child] = directory;
                pending.Push(child);
            }

            var ancestor = hasMark ? directory : null;
            while (ancestor is not null && marked.Add(ancestor)) ancestor = parents.GetValueOrDefault(ancestor);
        }

        return marked;
    }
}
