using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;

namespace OverlayImg.Images;

/// <summary>One layer in overlay form, and what its tar left open because it stands in lower layers.</summary>
public sealed class OverlayLayer
{
    private readonly InputLocation _where;
    private readonly IReadOnlyList<UnresolvedLink> _links;

    internal OverlayLayer(FileTree tree, IReadOnlyList<UnresolvedLink> links, IReadOnlyList<string> warnings, InputLocation where)
    {
        (Tree, _links, Warnings, _where) = (tree, links, warnings, where);
        DependsOnLower = links.Count > 0 || HasImpliedDirectories(tree.Root);
    }

    /// <summary>The layer in overlay form; without the hard links to files of lower layers.</summary>
    public FileTree Tree { get; }

    /// <summary>What is odd about the layer, in sentences; nothing that would change what a container sees.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>
    /// Whether the layer looks different on other lower layers: it has directories that no entry describes, or hard links into lower layers. Then
    /// <see cref="CompleteAgainst"/> makes the tree that a disk can be written from, and the disk belongs to this stack of layers alone.
    /// </summary>
    /// <remarks>The root does not count: hardly any layer describes it, and overlayfs shows the root of the uppermost directory only.</remarks>
    public bool DependsOnLower { get; }

    /// <summary>Converts a layer as its tar has it.</summary>
    /// <param name="tar">The layer's tar, with <c>.wh.</c> names.</param>
    /// <param name="where">For messages: the archive and the layer.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="InputException">A whiteout that can mean nothing good: <c>.wh.</c>, <c>.wh..</c>, <c>.wh...</c>.</exception>
    public static OverlayLayer FromTar(TarTreeResult tar, InputLocation where, CancellationToken cancellationToken = default) =>
        new WhiteoutConversion(where).Convert(tar, cancellationToken);

    /// <summary>
    /// The layer with everything that it takes from below: implied directories with the metadata of the lower directories, and hard links to
    /// lower files as those files (their own metadata does not count, as when a layer is unpacked).
    /// </summary>
    /// <param name="lower">All lower layers, merged.</param>
    /// <exception cref="InputException">The target of a hard link is in no layer.</exception>
    public FileTree CompleteAgainst(FileTree lower)
    {
        var editor = new TreeEditor(Tree.Root);
        foreach (var (path, metadata) in DescribedBelow(lower.Root)) editor.Describe(path, metadata);
        if (_links.Count > 0) LinkToLower(editor, lower);
        return editor.ToTree();
    }

    private static bool HasImpliedDirectories(DirectoryNode root)
    {
        var pending = new Stack<DirectoryNode>([root]);
        while (pending.TryPop(out var directory))
        {
            if (directory.IsImplied && directory != root) return true;
            if (OverlayForm.IsOpaque(directory)) continue;
            foreach (var (_, node) in directory.UnsortedEntries)
            {
                if (node is DirectoryNode child) pending.Push(child);
            }
        }

        return false;
    }

    /// <summary>The implied directories that show a lower directory, with the metadata that they get from it.</summary>
    private List<(ByteString Path, Metadata Metadata)> DescribedBelow(DirectoryNode lowerRoot)
    {
        var described = new List<(ByteString, Metadata)>();
        var pending = new Stack<(ByteString Path, DirectoryNode Upper, DirectoryNode Lower)>([(ByteString.Empty, Tree.Root, lowerRoot)]);
        while (pending.TryPop(out var level))
        {
            var (path, upper, lower) = level;
            var isOpaque = OverlayForm.IsOpaque(upper);
            if (upper.IsImplied) described.Add((path, isOpaque ? OverlayForm.Opaque(lower.Metadata) : lower.Metadata));
            if (isOpaque) continue;
            foreach (var (name, node) in upper.UnsortedEntries)
            {
                if (node is not DirectoryNode child || lower.Find(name) is not DirectoryNode lowerChild) continue;
                pending.Push((TreePath.Join(path, name), child, lowerChild));
            }
        }

        return described;
    }

    private void LinkToLower(TreeEditor editor, FileTree lower)
    {
        // A link may lead to another link of this layer that is not in place yet, in either order.
        var open = _links.ToList();
        int resolved;
        do resolved = open.RemoveAll(link => TryLink(editor, link, [new(editor.Root), lower]));
        while (resolved > 0 && open.Count > 0);
        if (open.Count == 0) return;
        var merged = LayerStack.Merge([lower, new(editor.Root)]);
        foreach (var link in open)
        {
            if (TryLink(editor, link, [merged])) continue;
            var where = _where with { Path = link.Path.ToString(), Offset = link.Offset };
            throw new InputException($"is a hard link to {link.Target}, which neither this layer nor a lower one has", where);
        }
    }

    private static bool TryLink(TreeEditor editor, UnresolvedLink link, ReadOnlySpan<FileTree> places)
    {
        foreach (var place in places)
        {
            if (TreeLookup.Resolve(place, link.Target) is not { } node || node is DirectoryNode || OverlayForm.IsWhiteout(node)) continue;
            editor.Open(TreePath.Parent(link.Path)).Set(TreePath.Name(link.Path), node);
            return true;
        }

        return false;
    }
}
