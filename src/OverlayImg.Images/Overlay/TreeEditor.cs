using OverlayImg.FileSystems;

namespace OverlayImg.Images.Overlay;

/// <summary>
/// Changes a tree without touching the one it came from: a directory is copied the first time that something in it changes, everything
/// else stays shared. However many changes there are, no directory is copied twice.
/// </summary>
/// <remarks>Directories that <see cref="Open(ByteString)"/> and its kin return may be changed freely until <see cref="ToTree"/>.</remarks>
internal sealed class TreeEditor
{
    private readonly HashSet<DirectoryNode> _owned = [];

    /// <summary>Starts with a copy of <paramref name="root"/>.</summary>
    public TreeEditor(DirectoryNode root) => Root = Owned(root.Copy(root.Metadata));

    /// <summary>The root directory; another one after it was replaced.</summary>
    public DirectoryNode Root { get; private set; }

    /// <summary>The edited tree. The editor must not be used afterwards.</summary>
    public FileTree ToTree() => new(Root);

    /// <summary>The directory <paramref name="name"/> of <paramref name="parent"/>, ready to be changed.</summary>
    public DirectoryNode Open(DirectoryNode parent, ByteString name)
    {
        var directory = (DirectoryNode)parent.Find(name)!;
        return _owned.Contains(directory) ? directory : Put(parent, name, directory.Copy(directory.Metadata));
    }

    /// <summary>The directory at <paramref name="path"/>, ready to be changed; what of it is missing or is no directory becomes one.</summary>
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

    /// <summary>Puts <paramref name="directory"/>, which nobody else has, where <paramref name="parent"/> has <paramref name="name"/>.</summary>
    public DirectoryNode Put(DirectoryNode parent, ByteString name, DirectoryNode directory)
    {
        parent.Set(name, directory);
        return Owned(directory);
    }

    /// <summary>Gives the directory at <paramref name="path"/> the metadata of an entry that describes it.</summary>
    public void Describe(ByteString path, Metadata metadata) => Replace(path, directory => (DirectoryNode)directory.WithMetadata(metadata));

    /// <summary>Gives the directory <paramref name="name"/> of <paramref name="parent"/> the metadata of an entry that describes it.</summary>
    public DirectoryNode Describe(DirectoryNode parent, ByteString name, Metadata metadata) =>
        Put(parent, name, (DirectoryNode)Open(parent, name).WithMetadata(metadata));

    /// <summary>Changes the metadata of the directory at <paramref name="path"/>, which stays implied if it was.</summary>
    public void Amend(ByteString path, Metadata metadata) => Replace(path, directory => directory.Copy(metadata));

    /// <summary>Puts <paramref name="root"/>, which nobody else has, in the place of the whole tree.</summary>
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
