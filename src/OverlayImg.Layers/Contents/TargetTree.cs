using OverlayImg.FileSystems;

namespace OverlayImg.Layers.Contents;

/// <summary>The tree that contents are merged into. Paths are resolved ones: no link, no <c>..</c>.</summary>
/// <param name="root">Its root.</param>
/// <param name="item">What messages name as the source of what comes now.</param>
internal sealed class TargetTree(DirectoryNode root, string item)
{
    // The directories that were made or merged so far: looking a parent up from the root would cost the square of the depth.
    private readonly Dictionary<ByteString, DirectoryNode> _directories = [];
    private TreeResolver _resolver = new(new(root));

    /// <summary>The root, which is another node when it gets other metadata.</summary>
    public DirectoryNode Root { get; private set; } = root;

    /// <summary>Where the directory at <paramref name="path"/> really is: behind a link when there is one that leads to a directory.</summary>
    public ByteString FollowLink(ByteString path) =>
        !path.IsEmpty && ParentOf(path).Find(TreePath.Name(path)) is SymbolicLinkNode && _resolver.Resolve(path) is { Directory: not null } resolution
            ? resolution.Path : path;

    /// <summary>Puts something that is no directory under <paramref name="name"/>.</summary>
    /// <exception cref="InputException">A directory that isn't empty has that name.</exception>
    public void Place(DirectoryNode directory, ByteString name, ByteString path, FileNode node)
    {
        if (directory.Find(name) is DirectoryNode { Count: > 0 })
        {
            var kind = node is SymbolicLinkNode ? "symbolic link" : "file";
            throw new InputException($"is a {kind}, but a directory that is not empty in the contents before it", new(item, Path: path.ToString()))
            {
                Advice = "Remove one of the two, or name the contents in another order.",
            };
        }

        // The directory may be one of those that are remembered.
        if (directory.Find(name) is DirectoryNode) _directories.Clear();
        directory.Set(name, node);
    }

    /// <summary>Makes the directory at <paramref name="path"/> in the place of what is no directory, or gives the one there other metadata.</summary>
    /// <param name="path">Where.</param>
    /// <param name="metadata">The metadata of the directory.</param>
    /// <param name="isDescribed">Whether the contents describe the directory. Otherwise a directory that exists keeps its metadata.</param>
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

    // A directory that got other metadata is another node, but shares its names with the former one.
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
