using OverlayImg.FileSystems;

namespace OverlayImg.Layers.Contents;

/// <summary>
/// Resolves the symbolic links of one item of the contents. Links are followed inside the item and into store paths
/// only, so a layer never depends on other files of the host. The links are resolved in a tree of host paths that has
/// only the item and these store paths.
/// </summary>
internal sealed class LinkScope
{
    // The path of an archive's root in the tree of host paths. The path must not be in the store.
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

    /// <summary>Path of the item's root directory from the host's root, without a leading slash.</summary>
    public ByteString ItemPath { get; }

    /// <summary>Resolves a link; null if the target is outside the item and the store.</summary>
    /// <param name="directory">Path of the link's directory, in the form of <see cref="Resolution.Path"/>.</param>
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

    /// <summary>Returns the path from the host's root that the kernel would follow for <paramref name="link"/>.</summary>
    public static ByteString TargetPath(ByteString directory, SymbolicLinkNode link) =>
        link.Target.Span.StartsWith("/"u8) ? link.Target : TreePath.Join(directory, link.Target);

    private bool Load(ByteString storePath)
    {
        if (IsIn(storePath, ItemPath) || !_storePaths.Add(storePath)) return false;
        if (_readStorePath(new([(byte)'/', .. storePath.Span])) is not { } node) return false;
        Place(storePath, node);
        // An item in this store path keeps its own node. Loops are detected by comparing nodes, so a directory must have only one.
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

    /// <summary>Returns the store path that is or contains <paramref name="path"/>: the store directory and one name.</summary>
    private ByteString? StorePathOf(ByteString path)
    {
        if (path.Length <= _store.Length || !IsIn(path, _store)) return null;
        var length = path.Span[(_store.Length + 1)..].IndexOf((byte)'/');
        return length < 0 ? path : new(path.Span[..(_store.Length + 1 + length)]);
    }

    private static bool IsIn(ByteString path, ByteString directory) =>
        path.Span.StartsWith(directory.Span) && (directory.IsEmpty || path.Length == directory.Length || path.Span[directory.Length] == '/');
}
