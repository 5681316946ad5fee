using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;

namespace OverlayImg.Images.Overlay;

/// <summary>A layer in overlay form, and its references to lower layers that are not resolved yet.</summary>
public sealed class OverlayLayer
{
    private readonly InputLocation _where;
    private readonly IReadOnlyList<UnresolvedLink> _links;
    private readonly bool _linksIntoLower;
    private Func<FileTree, CancellationToken, OverlayLayer>? _readOver;

    internal OverlayLayer(
        TarTreeResult tar, FileTree tree, IReadOnlyList<UnresolvedLink> links, IReadOnlyList<string> warnings, InputLocation where)
    {
        (Tree, _links, Warnings, _where) = (tree, links, warnings, where);
        _linksIntoLower = links.Count > 0 || tar.HasLinksAheadOfTargets;
        DependsOnLower = _linksIntoLower || HasImpliedDirectories(tree.Root);
    }

    /// <summary>The layer in overlay form, without its hard links to files of lower layers.</summary>
    public FileTree Tree { get; }

    /// <summary>Warnings about the layer, as sentences; none of them affects what a container sees.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>
    /// Whether the tree depends on the lower layers, by directories without an entry or by hard links to lower files.
    /// Then <see cref="CompleteAgainst"/> makes the tree, and a disk of the tree fits only this stack of layers.
    /// </summary>
    /// <remarks>The root is ignored: few layers have an entry for it, and overlayfs shows only the uppermost root.</remarks>
    public bool DependsOnLower { get; }

    /// <summary>Converts a layer from the form of its tar to overlay form.</summary>
    /// <param name="tar">The layer's tar, with <c>.wh.</c> names.</param>
    /// <exception cref="InputException">A whiteout is invalid: <c>.wh.</c>, <c>.wh..</c> or <c>.wh...</c>.</exception>
    public static OverlayLayer FromTar(TarTreeResult tar, InputLocation where, CancellationToken cancellationToken = default) =>
        new WhiteoutConversion(where).Convert(tar, cancellationToken);

    /// <summary>Reads an uncompressed tar of <paramref name="source"/>, which must stay open while the layer is used.</summary>
    /// <exception cref="InputException">The tar is damaged, or has invalid whiteouts.</exception>
    public static OverlayLayer Read(
        ByteSource source, long offset, long length, InputLocation where, TreeBudget budget, CancellationToken cancellationToken)
    {
        var layer = Read(new TreeReading { Budget = budget }, cancellationToken);
        // The second pass needs no budget: the first one counted the same entries.
        layer._readOver = (lower, token) => Read(new TreeReading { Lower = new(lower, WhiteoutName.Hides) }, token);
        return layer;

        OverlayLayer Read(TreeReading reading, CancellationToken token) =>
            FromTar(TarTree.Read(source, offset, length, where, reading, token), where, token);
    }

    /// <summary>
    /// Returns the layer completed from the lower layers. Implied directories get the lower metadata. Hard links to
    /// lower files become those files, without the links' own metadata, as on unpacking. A hard link means the target's
    /// state after the entries before the link.
    /// </summary>
    /// <param name="lower">All lower layers, merged.</param>
    /// <exception cref="InputException">The target of a hard link is in no layer.</exception>
    public FileTree CompleteAgainst(FileTree lower, CancellationToken cancellationToken = default)
    {
        // A second pass over the lower files resolves hard links: their targets depend on the entries before them.
        if (_linksIntoLower && _readOver is not null) return _readOver(lower, cancellationToken).CompleteAgainst(lower, cancellationToken);
        if (_links is [var link, ..])
        {
            var where = _where with { Path = link.Path.ToString(), Offset = link.Offset };
            throw new InputException($"is a hard link to {link.Target}, which neither this layer nor a lower one has", where);
        }

        var editor = new TreeEditor(Tree.Root);
        DescribeImplied(editor, lower.Root);
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

    /// <summary>Gives implied directories the metadata of the lower directories that they show.</summary>
    private void DescribeImplied(TreeEditor editor, DirectoryNode lowerRoot)
    {
        var pending = new Stack<Level>([new(null, ByteString.Empty, Tree.Root, lowerRoot)]);
        while (pending.TryPop(out var level))
        {
            var isOpaque = OverlayForm.IsOpaque(level.Upper);
            if (level.Upper.IsImplied) level.Describe(editor, isOpaque ? OverlayForm.Opaque(level.Lower.Metadata) : level.Lower.Metadata);
            if (isOpaque) continue;
            foreach (var (name, node) in level.Upper.UnsortedEntries)
            {
                if (node is DirectoryNode child && level.Lower.Find(name) is DirectoryNode lowerChild)
                    pending.Push(new(level, name, child, lowerChild));
            }
        }
    }

    /// <summary>A directory that exists in the layer and in the lower layers.</summary>
    private sealed class Level(Level? parent, ByteString name, DirectoryNode upper, DirectoryNode lower)
    {
        private DirectoryNode? _target;

        public DirectoryNode Upper { get; } = upper;

        public DirectoryNode Lower { get; } = lower;

        public void Describe(TreeEditor editor, Metadata metadata)
        {
            if (parent is null) editor.Describe(ByteString.Empty, metadata);
            else _target = editor.Describe(parent.Open(editor), name, metadata);
        }

        // The path is opened downwards without recursion, because the input controls the depth.
        private DirectoryNode Open(TreeEditor editor)
        {
            var closed = new Stack<Level>();
            var level = this;
            for (; level._target is null && level.Parent is not null; level = level.Parent) closed.Push(level);
            var directory = level._target ?? editor.Root;
            foreach (var below in closed) directory = below._target = editor.Open(directory, below.Name);
            return directory;
        }

        private Level? Parent => parent;

        private ByteString Name => name;
    }
}
