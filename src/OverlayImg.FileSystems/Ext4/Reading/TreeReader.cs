using OverlayImg.FileSystems.Ext4.Format;

namespace OverlayImg.FileSystems.Ext4.Reading;

/// <summary>Reads all directories of a disk from the root on. It does not recurse, because the disk determines the depth.</summary>
internal sealed class TreeReader
{
    private readonly DiskImage _disk;
    private readonly ExtentReader _extents;
    private readonly DirectoryReader _directories;
    private readonly NodeReader _nodes;
    private readonly XattrReader _xattrs;
    private readonly BitSet _seen;
    private readonly Dictionary<uint, FileNode> _linked = [];
    private readonly Stack<OpenDirectory> _pending = new();
    private readonly byte[] _record;
    private readonly TreeBudget _budget = new();

    private TreeReader(DiskImage disk)
    {
        _disk = disk;
        _extents = new(disk);
        _directories = new(disk);
        _nodes = new(disk, _extents);
        _xattrs = new(disk);
        _seen = new(disk.Superblock.InodesCount + 1UL);
        _record = new byte[disk.Superblock.InodeSize];
    }

    /// <summary>Reads the tree of a disk.</summary>
    /// <exception cref="InputException">The disk is corrupt.</exception>
    public static FileTree Read(DiskImage disk, CancellationToken cancellationToken) => new TreeReader(disk).Read(cancellationToken);

    private FileTree Read(CancellationToken cancellationToken)
    {
        var root = NodeOf(DiskFormat.RootInode, NamePath.Root, DiskFormat.RootInode, cancellationToken) as DirectoryNode ??
            throw _disk.Corrupt("the root is not a directory", NamePath.Root);
        while (_pending.TryPop(out var directory))
        {
            foreach (var name in _directories.Read(directory, cancellationToken)) AddName(directory, name, cancellationToken);
        }

        var lostAndFound = new ByteString("lost+found"u8);
        if (root.Find(lostAndFound) is DirectoryNode { Count: 0 }) root.Remove(lostAndFound);
        return new FileTree(root).Finish();
    }

    private void AddName(OpenDirectory directory, DiskName name, CancellationToken cancellationToken)
    {
        var path = new NamePath(directory.Path, name.Name);
        if (path.Length > TreePath.MaximumLength) throw _disk.Corrupt($"a path is longer than {TreePath.MaximumLength} bytes", directory.Path);
        if (name.Inode < _disk.Superblock.FirstInode) throw _disk.Corrupt($"inode {name.Inode} is reserved", path);
        if (directory.Node.TryFind(name.Name, out _)) throw _disk.Corrupt("the directory has the name twice", path);
        Account(_budget.TryTake(name.Name.Length), path);
        var node = NodeOf(name.Inode, path, directory.Inode, cancellationToken);
        var isSameType = InodeMode.DirectoryEntryType(node.Type) == name.FileType;
        if (!isSameType) throw _disk.Corrupt($"inode {name.Inode} has another file type than its directory record", path);
        directory.Node.Set(name.Name, node);
    }

    private FileNode NodeOf(uint number, NamePath path, uint parent, CancellationToken cancellationToken)
    {
        if (_linked.TryGetValue(number, out var linked)) return linked;
        _disk.ReadInode(number, _record, path);
        if (!_seen.Add(number)) throw _disk.Corrupt($"inode {number} has more names than its link count", path);
        var inode = Inode.Read(_record);
        if (InodeMode.TypeOf(inode.Mode) is not { } type || inode.LinksCount == 0) throw _disk.Corrupt($"inode {number} is not in use", path);
        if (inode.ModificationTime.Nanoseconds > 999_999_999) throw _disk.Corrupt($"inode {number} has an impossible time", path);
        var attributes = _xattrs.Read(inode, _record, number, path);
        foreach (var (name, value) in attributes) Account(_budget.TryTake(name.Length + value.Length), path);
        var metadata = new Metadata((ushort)(inode.Mode & InodeMode.PermissionsMask), inode.Uid, inode.Gid, inode.ModificationTime, attributes);
        if (type == FileType.Directory) return Open(metadata, inode, number, path, parent, cancellationToken);
        var node = _nodes.Read(type, metadata, inode, _record, number, path, cancellationToken);
        if (node is SymbolicLinkNode { Target: var target }) Account(_budget.TryTake(target.Length), path);
        if (node is RegularFileNode { Content: SparseContent sparse }) Account(_budget.TryTakeExtents(sparse.DataExtents.Count()), path);
        if (inode.LinksCount > 1) _linked.Add(number, node);
        return node;
    }

    private DirectoryNode Open(Metadata metadata, in Inode inode, uint number, NamePath path, uint parent, CancellationToken cancellationToken)
    {
        if (!inode.Flags.HasFlag(InodeFlags.Extents)) throw _disk.Corrupt($"inode {number} is not mapped by extents", path);
        var node = new DirectoryNode(metadata);
        var extents = _extents.Read(_record, number, path, cancellationToken);
        Account(_budget.TryTakeExtents(extents.Count), path);
        _pending.Push(new(node, inode.Size, extents, number, parent, path));
        return node;
    }

    private void Account(bool isTaken, NamePath path)
    {
        if (!isTaken) throw _disk.Corrupt(TreeBudget.Excess, path);
    }
}
