using OverlayImg.FileSystems;

namespace OverlayImg.Images.Overlay;

/// <summary>Edits a tree without changing the original: a directory is copied at its first change, all else is shared.</summary>
/// <remarks>The caller may change the directories that the methods return until <see cref="ToTree"/>.</remarks>
internal sealed class TreeEditor
{
    private readonly HashSet<DirectoryNode> _owned = [];

    public TreeEditor(DirectoryNode root) => Root = Owned(root.Copy(root.Metadata));

    /// <summary>The current root directory; <see cref="ReplaceRoot"/> and changes of the root's metadata replace it.</summary>
    public DirectoryNode Root { get; private set; }

    /// <summary>Returns the edited tree. The editor must not be used afterwards.</summary>
    public FileTree ToTree() => new(Root);

    /// <summary>Returns the directory <paramref name="name"/> of <paramref name="parent"/> for changes.</summary>
    public DirectoryNode Open(DirectoryNode parent, ByteString name)
    {
        var directory = (DirectoryNode)parent.Find(name)!;
        return _owned.Contains(directory) ? directory : Put(parent, name, directory.Copy(directory.Metadata));
    }

    /// <summary>
    /// Returns the directory at <paramref name="path"/> for changes. Missing parts, and parts that are not directories,
    /// become implied directories.
    /// </summary>
    public DirectoryNode Open(ByteString path)
    {
        var directory = Root;
        foreach (var range in TreePath.Components(path.Span))
        {
            var name = new ByteString(path.Span[range]);
            directory = directory.Find(name) is DirectoryNode
                ? Open(directory, name)
                : Put(directory, name, new DirectoryNode(Metadata.DefaultDirectory, isImplied: true));
        }

        return directory;
    }

    /// <summary>Sets the entry <paramref name="name"/> to a directory that is not shared.</summary>
    public DirectoryNode Put(DirectoryNode parent, ByteString name, DirectoryNode directory)
    {
        parent.Set(name, directory);
        return Owned(directory);
    }

    /// <summary>Sets the metadata of the directory at <paramref name="path"/>; an implied directory becomes explicit.</summary>
    public void Describe(ByteString path, Metadata metadata) => Replace(path, directory => (DirectoryNode)directory.WithMetadata(metadata));

    /// <summary>Sets the metadata of the directory <paramref name="name"/>; an implied directory becomes explicit.</summary>
    public DirectoryNode Describe(DirectoryNode parent, ByteString name, Metadata metadata) =>
        Put(parent, name, (DirectoryNode)Open(parent, name).WithMetadata(metadata));

    /// <summary>Sets the metadata of the directory at <paramref name="path"/>; an implied directory stays implied.</summary>
    public void Amend(ByteString path, Metadata metadata) => Replace(path, directory => directory.Copy(metadata));

    /// <summary>Replaces the whole tree by a root that is not shared.</summary>
    public void ReplaceRoot(DirectoryNode root) => Root = Owned(root);

    private void Replace(ByteString path, Func<DirectoryNode, DirectoryNode> change)
    {
        if (path.IsEmpty) ReplaceRoot(change(Root));
        else Put(Open(TreePath.Parent(path)), TreePath.Name(path), change(Open(path)));
    }

    private DirectoryNode Owned(DirectoryNode directory)
    {
        _owned.Add(directory);
        return directory;
    }
}
