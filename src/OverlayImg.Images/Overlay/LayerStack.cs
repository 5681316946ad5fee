using OverlayImg.FileSystems;

namespace OverlayImg.Images.Overlay;

/// <summary>Layers on top of each other.</summary>
public static class LayerStack
{
    /// <summary>
    /// What a container sees of the layers: one tree without whiteouts and opaque marks. Directories merge and take the upper's metadata,
    /// anything else replaces what stood there (image-spec, layer.md "Applying Changesets"; overlayfs does the same). A directory that
    /// the upper only implies keeps the lower's metadata. Content is shared, never copied.
    /// </summary>
    /// <param name="bottomFirst">The layers in overlay form, in the order of the config's <c>diff_ids</c>.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <remarks>The work grows with the names in the layers, not with their number times the size of the base.</remarks>
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

    /// <summary>Puts the directory itself in place; returns it if its entries are still to be applied.</summary>
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

    /// <summary>The directories that the merged tree can't share as they are: those with a whiteout or an opaque mark somewhere in them.</summary>
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
