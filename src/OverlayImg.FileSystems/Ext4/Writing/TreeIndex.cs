using System.Runtime.InteropServices;
using OverlayImg.FileSystems.Ext4.Format;

namespace OverlayImg.FileSystems.Ext4.Writing;

/// <summary>
/// A tree as tables of inodes, directories and names. The inodes of one directory's names have adjacent numbers, so that listing the directory
/// with <c>stat</c> reads the inode table sequentially.
/// </summary>
internal sealed class TreeIndex
{
    private static readonly ByteString LostAndFound = new("lost+found"u8);
    private readonly InodeNumbers _numbers = new();
    private readonly List<PlannedEntry> _entries = [];
    private readonly List<PlannedDirectory> _directories = [];

    private TreeIndex()
    {
    }

    /// <summary>The inodes by number, up to the last inode in use.</summary>
    public ChunkedTable<PlannedInode> Inodes => _numbers.Inodes;

    /// <summary>Number of inodes in use, including reserved ones. Their numbers are 1 to this number.</summary>
    public int InodeCount => _numbers.Inodes.Count - 1;

    /// <summary>The directories. Each one precedes the directories below it.</summary>
    public ReadOnlySpan<PlannedDirectory> Directories => CollectionsMarshal.AsSpan(_directories);

    public bool HasIndexes => _directories.Exists(directory => directory.IsIndexed);

    /// <summary>The names of a directory in the order of the disk: sorted bytewise, or by hash where the directory has an index.</summary>
    public ReadOnlySpan<PlannedEntry> EntriesOf(PlannedDirectory directory) =>
        CollectionsMarshal.AsSpan(_entries).Slice(directory.FirstEntry, directory.EntryCount);

    /// <summary>Makes the tables and counts the links.</summary>
    /// <exception cref="InputException">A name is too long or a file has too many links for ext4. The error has the path.</exception>
    public static TreeIndex Of(FileTree tree, bool isReadOnly, CancellationToken cancellationToken)
    {
        var index = new TreeIndex();
        index._numbers.AssignRoot(tree.Root);
        // By convention lost+found has inode 11, and e2fsck creates a missing one. Nobody repairs a read-only disk, and a
        // lost+found in a lower layer would be visible in the container.
        var lostAndFound = tree.Root.Find(LostAndFound)
            ?? (isReadOnly ? null : new DirectoryNode(Metadata.DefaultDirectory with { Permissions = 0x1C0 /* 0700 */ }));
        if (lostAndFound is DirectoryNode) index._numbers.Assign(lostAndFound);

        var pending = new Stack<(DirectoryNode Node, int Inode, int Parent, int NameIndex)>();
        pending.Push((tree.Root, DiskFormat.RootInode, 0, -1));
        while (pending.TryPop(out var next))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var entries = next.NameIndex < 0 ? RootEntries(tree.Root, lostAndFound) : next.Node.SortedEntries();
            index.AddEntries(index.Add(entries, next.Inode, next.Parent, next.NameIndex), entries, pending);
        }

        index.CheckLinks();
        return index;
    }

    /// <summary>The path of an inode for a message: the first name in the first directory that has one. It searches all names.</summary>
    public string PathOf(int inode)
    {
        if (inode == DiskFormat.RootInode) return "/";
        var entry = _entries.FindIndex(candidate => candidate.Inode == inode);
        var directory = _directories.FindLastIndex(candidate => candidate.FirstEntry <= entry && candidate.EntryCount > 0);
        var end = _directories[directory].FirstEntry + _directories[directory].EntryCount;
        var names = Enumerable.Range(entry, end - entry).Where(index => _entries[index].Inode == inode);
        return PathOfEntry(directory, names.MinBy(index => _entries[index].Name));
    }

    private static DirectoryEntry[] RootEntries(DirectoryNode root, FileNode? lostAndFound) =>
        lostAndFound is null || root.TryFind(LostAndFound, out _) ? root.SortedEntries() : [new(LostAndFound, lostAndFound), .. root.SortedEntries()];

    private int Add(DirectoryEntry[] entries, int inode, int parent, int nameIndex)
    {
        var isIndexed = DirectoryIndex.IsFor(entries);
        if (isIndexed) DirectoryIndex.Sort(entries);
        _directories.Add(new(inode, parent, nameIndex, _entries.Count, entries.Length, isIndexed));
        // The directory's name and its "." entry. Each subdirectory adds its ".." entry.
        Inodes[inode].Links = 2;
        return _directories.Count - 1;
    }

    private void AddEntries(int directory, DirectoryEntry[] entries, Stack<(DirectoryNode Node, int Inode, int Parent, int NameIndex)> pending)
    {
        var inode = _directories[directory].Inode;
        var first = _entries.Count;
        foreach (var (name, node) in entries)
        {
            var number = _numbers.Assign(node).Number;
            _entries.Add(new(name, number));
            if (name.Length > DiskFormat.MaximumNameLength)
            {
                var path = PathOfEntry(directory, _entries.Count - 1);
                throw new InputException($"a name of {name.Length} bytes is longer than ext4's {DiskFormat.MaximumNameLength}", new(Path: path));
            }

            if (node is DirectoryNode) Inodes[inode].Links++;
            else Inodes[number].Links++;
        }

        // In reverse, because the stack returns the last item first.
        for (var index = entries.Length - 1; index >= 0; index--)
        {
            if (entries[index].Node is not DirectoryNode subdirectory) continue;
            ref var planned = ref Inodes[_entries[first + index].Inode];
            if (planned.Links != 0) throw new ArgumentException($"The directory '{entries[index].Name}' has two names.");
            planned.Links = 1;
            pending.Push((subdirectory, _entries[first + index].Inode, directory, first + index));
        }
    }

    // Directories may exceed the limit (feature dir_nlink).
    private void CheckLinks()
    {
        for (var inode = DiskFormat.FirstInode; inode < Inodes.Count; inode++)
        {
            var links = Inodes[inode].Links;
            if (links <= DiskFormat.MaximumLinks || Inodes[inode].Node is DirectoryNode) continue;
            throw new InputException($"a file with {links} names has more than ext4's {DiskFormat.MaximumLinks}", new(Path: PathOf(inode)));
        }
    }

    private string PathOfEntry(int directory, int entry)
    {
        var path = _entries[entry].Name;
        for (; _directories[directory].NameIndex >= 0; directory = _directories[directory].Parent)
        {
            path = TreePath.Join(_entries[_directories[directory].NameIndex].Name, path);
        }

        return path.ToString();
    }
}
