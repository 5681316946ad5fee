using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;

namespace OverlayImg.Images.Overlay;

/// <summary>One layer in overlay form, and what its tar left open because it stands in lower layers.</summary>
public sealed class OverlayLayer
{
    private readonly InputLocation _where;
    private readonly IReadOnlyList<UnresolvedLink> _links;
    private readonly bool _linksIntoLower;
    private Func<FileTree, CancellationToken, OverlayLayer>? _readOver;

    internal OverlayLayer(TarTreeResult tar, FileTree tree, IReadOnlyList<UnresolvedLink> links, IReadOnlyList<string> warnings, InputLocation where)
    {
        (Tree, _links, Warnings, _where) = (tree, links, warnings, where);
        _linksIntoLower = links.Count > 0 || tar.HasLinksAheadOfTargets;
        DependsOnLower = _linksIntoLower || HasImpliedDirectories(tree.Root);
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
    /// <param name="cancellationToken">Cancels the conversion.</param>
    /// <exception cref="InputException">A whiteout that can mean nothing good: <c>.wh.</c>, <c>.wh..</c>, <c>.wh...</c>.</exception>
    public static OverlayLayer FromTar(TarTreeResult tar, InputLocation where, CancellationToken cancellationToken = default) =>
        new WhiteoutConversion(where).Convert(tar, cancellationToken);

    /// <summary>Reads and converts the uncompressed tar in a range of <paramref name="source"/>, which must stay open as long as the layer is used.</summary>
    /// <exception cref="InputException">The tar is damaged, or has whiteouts that make no sense.</exception>
    public static OverlayLayer Read(
        ByteSource source, long offset, long length, InputLocation where, TreeBudget budget, CancellationToken cancellationToken)
    {
        var layer = Read(new TreeReading { Budget = budget }, cancellationToken);
        // The second reading counts nothing that the first did not.
        layer._readOver = (lower, token) => Read(new TreeReading { Lower = new(lower, WhiteoutName.Hides) }, token);
        return layer;

        OverlayLayer Read(TreeReading reading, CancellationToken token) =>
            FromTar(TarTree.Read(source, offset, length, where, reading, token), where, token);
    }

    /// <summary>
    /// The layer with everything that it takes from below: implied directories with the metadata of the lower directories, and hard links to
    /// lower files as those files (their own metadata does not count, as when a layer is unpacked). A hard link names the file that its target is when the
    /// entries before the link are unpacked.
    /// </summary>
    /// <param name="lower">All lower layers, merged.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="InputException">The target of a hard link is in no layer.</exception>
    public FileTree CompleteAgainst(FileTree lower, CancellationToken cancellationToken = default)
    {
        // Only entry by entry, over the lower files, is it known what each link names: the tar is read again.
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

    /// <summary>Gives the implied directories that show a lower directory the metadata of it.</summary>
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
                if (node is DirectoryNode child && level.Lower.Find(name) is DirectoryNode lowerChild) pending.Push(new(level, name, child, lowerChild));
            }
        }
    }

    /// <summary>A directory that both the layer and the lower layers have, on the way down.</summary>
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

        // From the nearest open ancestor down: the depth is the input's, so there is no recursion.
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
