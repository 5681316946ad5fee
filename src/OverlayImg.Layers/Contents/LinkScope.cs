using OverlayImg.FileSystems;

namespace OverlayImg.Layers.Contents;

/// <summary>
/// How far the symbolic links of one contents item are followed: inside the item and into store paths, and nowhere else, so that what a
/// layer holds never depends on the rest of the host. Built as a tree of the host's paths in which nothing but these two exists.
/// </summary>
internal sealed class LinkScope
{
    // Where the inside of an archive stands: some place that is not in the store.
    private static readonly ByteString ArchivePath = ByteString.FromText("overlayimg-contents");

    private readonly FileTree _host;
    private readonly TreeResolver _resolver;
    private readonly HashSet<ByteString> _storePaths = [];
    private readonly DirectoryNode _item;
    private readonly ByteString _store;
    private readonly Func<ByteString, FileNode?> _readStorePath;

    public LinkScope(ContentsItem item, ByteString storeDirectory, Func<ByteString, FileNode?> readStorePath)
    {
        (_item, _readStorePath) = (item.Tree.Root, readStorePath);
        _store = new(storeDirectory.Span.Trim((byte)'/'));
        ItemPath = item.HostPath is { } path ? new(path.Span.TrimStart((byte)'/')) : ArchivePath;
        _host = ItemPath.IsEmpty ? item.Tree : new();
        _resolver = new(_host);
        if (!IsIn(_store, ItemPath)) Place(_store, new DirectoryNode(Metadata.DefaultDirectory, isImplied: true));
        if (!ItemPath.IsEmpty) Place(ItemPath, _item);
    }

    /// <summary>Where the item's root stands, from the host's root on, without a leading slash.</summary>
    public ByteString ItemPath { get; }

    /// <summary>Where a link leads; null when it leads out.</summary>
    /// <param name="directory">Where the link stands: a path as <see cref="Resolution.Path"/> has it.</param>
    /// <param name="link">The link.</param>
    public Resolution? Resolve(ByteString directory, SymbolicLinkNode link)
    {
        if (link.Target.IsEmpty) return null;
        var path = TargetPath(directory, link);
        while (true)
        {
            var resolution = _resolver.Resolve(path);
            if (StorePathOf(resolution.Path) is { } storePath && Load(storePath)) continue;
            var isInside = IsIn(resolution.Path, ItemPath) || StorePathOf(resolution.Path) is not null;
            return isInside ? resolution : null;
        }
    }

    /// <summary>The path by which the kernel would follow <paramref name="link"/>, from the host's root on.</summary>
    public static ByteString TargetPath(ByteString directory, SymbolicLinkNode link) =>
        link.Target.Span.StartsWith("/"u8) ? link.Target : TreePath.Join(directory, link.Target);

    private bool Load(ByteString storePath)
    {
        if (IsIn(storePath, ItemPath) || !_storePaths.Add(storePath)) return false;
        if (_readStorePath(new([(byte)'/', .. storePath.Span])) is not { } node) return false;
        Place(storePath, node);
        // An item that is a part of this store path stays the tree that it is: one node for one directory, so that loops show.
        if (IsIn(ItemPath, storePath)) Place(ItemPath, _item);
        return true;
    }

    private void Place(ByteString path, FileNode node)
    {
        var directory = _host.Root;
        var parent = TreePath.Parent(path);
        foreach (var component in TreePath.Components(parent.Span))
        {
            var name = new ByteString(parent.Span[component]);
            if (directory.Find(name) is not DirectoryNode next) directory.Set(name, next = new(Metadata.DefaultDirectory, isImplied: true));
            directory = next;
        }

        directory.Set(TreePath.Name(path), node);
    }

    /// <summary>The store path that <paramref name="path"/> is or lies in: the store directory and one name.</summary>
    private ByteString? StorePathOf(ByteString path)
    {
        if (path.Length <= _store.Length || !IsIn(path, _store)) return null;
        var length = path.Span[(_store.Length + 1)..].IndexOf((byte)'/');
        return length < 0 ? path : new(path.Span[..(_store.Length + 1 + length)]);
    }

    private static bool IsIn(ByteString path, ByteString directory) =>
        path.Span.StartsWith(directory.Span) && (directory.IsEmpty || path.Length == directory.Length || path.Span[directory.Length] == '/');
}
