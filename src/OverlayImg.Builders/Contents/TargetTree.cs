using OverlayImg.FileSystems;

namespace OverlayImg.Builders.Contents;

/// <summary>The tree that contents are merged into. Paths are resolved ones: no link, no <c>..</c>.</summary>
/// <param name="root">Its root.</param>
/// <param name="item">What messages name as the source of what comes now.</param>
internal sealed class TargetTree(DirectoryNode root, string item)
{
    private TreeResolver _resolver = new(new(root));

    /// <summary>The root, which is another node when it gets other metadata.</summary>
    public DirectoryNode Root { get; private set; } = root;

    /// <summary>The directory that was made at <paramref name="path"/>.</summary>
    /// <exception cref="InputException">The item itself has put something else there since, by another way (a link).</exception>
    public DirectoryNode Directory(ByteString path) =>
        new FileTree(Root).Find(path.Span) as DirectoryNode ??
        throw new InputException("is a directory, and another path in the same contents, which leads here through a symbolic link, is not", new(item, Path: path.ToString()));

    /// <summary>Where the directory at <paramref name="path"/> really is: behind a link when there is one that leads to a directory.</summary>
    public ByteString FollowLink(ByteString path) => _resolver.Resolve(path) is { Directory: not null } resolution ? resolution.Path : path;

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

        directory.Set(name, node);
    }

    /// <summary>Makes the directory at <paramref name="path"/> in the place of what is no directory, or gives the one there other metadata.</summary>
    public void MakeDirectory(ByteString path, DirectoryNode source, Metadata metadata)
    {
        if (path.IsEmpty || Directory(TreePath.Parent(path)).Find(TreePath.Name(path)) is DirectoryNode) SetMetadata(path, source, metadata);
        else Directory(TreePath.Parent(path)).Set(TreePath.Name(path), new DirectoryNode(metadata, source.IsImplied));
    }

    /// <summary>Gives the directory at <paramref name="path"/> other metadata, unless <paramref name="source"/> has none of its own.</summary>
    public void SetMetadata(ByteString path, DirectoryNode source, Metadata metadata)
    {
        if (source.IsImplied) return;
        var described = (DirectoryNode)Directory(path).WithMetadata(metadata);
        if (!path.IsEmpty)
        {
            Directory(TreePath.Parent(path)).Set(TreePath.Name(path), described);
            return;
        }

        Root = described;
        _resolver = new(new(described));
    }
}
