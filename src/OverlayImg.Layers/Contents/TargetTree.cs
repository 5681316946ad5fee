using OverlayImg.FileSystems;

namespace OverlayImg.Layers.Contents;

/// <summary>The tree into which contents are merged. All paths are resolved: they contain no links and no <c>..</c>.</summary>
/// <param name="item">The item that is being merged, for messages.</param>
internal sealed class TargetTree(DirectoryNode root, string item)
{
    // The directories that were created or merged. A lookup of each parent from the root would take time quadratic in the depth.
    private readonly Dictionary<ByteString, DirectoryNode> _directories = [];
    private TreeResolver _resolver = new(new(root));

    /// <summary>The root, which is a new node after a change of its metadata.</summary>
    public DirectoryNode Root { get; private set; } = root;

    /// <summary>Follows the link at <paramref name="path"/> if it leads to a directory. Any other path is returned unchanged.</summary>
    public ByteString FollowLink(ByteString path) =>
        !path.IsEmpty && ParentOf(path).Find(TreePath.Name(path)) is SymbolicLinkNode && _resolver.Resolve(path) is { Directory: not null } resolution
            ? resolution.Path : path;

    /// <summary>Adds a node that is no directory to <paramref name="directory"/>.</summary>
    /// <exception cref="InputException">A directory with entries has the same name.</exception>
    public void Place(DirectoryNode directory, ByteString name, ByteString path, FileNode node)
    {
        if (directory.Find(name) is DirectoryNode { Count: > 0 })
        {
            var kind = node is SymbolicLinkNode ? "symbolic link" : "file";
            throw new InputException($"is a {kind}, but earlier contents have a directory there that is not empty", new(item, Path: path.ToString()))
            {
                Advice = "Remove one of the two, or give the contents in another order.",
            };
        }

        // The replaced directory may be one of the remembered directories.
        if (directory.Find(name) is DirectoryNode) _directories.Clear();
        directory.Set(name, node);
    }

    /// <summary>
    /// Creates the directory at <paramref name="path"/> in place of any other entry, or changes the metadata of an existing directory.
    /// </summary>
    /// <param name="isDescribed">Whether the contents specify the metadata. If not, an existing directory keeps its metadata.</param>
    public DirectoryNode MakeDirectory(ByteString path, Metadata metadata, bool isDescribed)
    {
        if (path.IsEmpty)
        {
            if (isDescribed) (Root, _resolver) = Described(metadata);
            return Root;
        }

        var parent = ParentOf(path);
        var name = TreePath.Name(path);
        if (parent.Find(name) is not DirectoryNode directory) directory = new DirectoryNode(metadata, isImplied: !isDescribed);
        else if (isDescribed) directory = (DirectoryNode)directory.WithMetadata(metadata);
        parent.Set(name, directory);
        _directories[path] = directory;
        return directory;
    }

    // A change of metadata creates a new node that shares its entries with the old one, so a remembered old node is still correct.
    private DirectoryNode ParentOf(ByteString path)
    {
        var parent = TreePath.Parent(path);
        return _directories.TryGetValue(parent, out var known) ? known : (DirectoryNode)new FileTree(Root).Find(parent.Span)!;
    }

    private (DirectoryNode Root, TreeResolver Resolver) Described(Metadata metadata)
    {
        var described = (DirectoryNode)Root.WithMetadata(metadata);
        return (described, new(new(described)));
    }
}
