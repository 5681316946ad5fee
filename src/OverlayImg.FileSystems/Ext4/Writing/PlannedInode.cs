namespace OverlayImg.FileSystems.Ext4.Writing;

/// <summary>What the plan knows of one inode. There is one for every file of the tree: it is kept small.</summary>
internal struct PlannedInode
{
    /// <summary>What it stands for; null for the inodes that are reserved.</summary>
    public FileNode? Node;

    /// <summary>Number of names; for a directory, 2 and one for each subdirectory.</summary>
    public int Links;

    /// <summary>Whether attributes need a block of their own, which is then <see cref="XattrBlock"/>.</summary>
    public bool HasXattrBlock;

    /// <summary>Whether it is a directory with an index.</summary>
    public bool IsIndexed;

    /// <summary>Block of extended attributes.</summary>
    public uint XattrBlock;

    /// <summary>Number of blocks of the extent tree below the inode.</summary>
    public int TreeBlockCount;

    /// <summary>First block of the extent tree; they lie in one piece.</summary>
    public uint TreeBlock;

    /// <summary>Number of blocks with content: a file's data, a directory's records, a long symbolic link's target.</summary>
    public uint BlockCount;

    /// <summary>First block of the content; it lies in one piece.</summary>
    public uint FirstBlock;
}

/// <summary>A directory of the plan.</summary>
/// <param name="Inode">Its inode number.</param>
/// <param name="Parent">Index of the directory that it stands in; the root's own.</param>
/// <param name="NameIndex">Index of the entry that names it; -1 for the root.</param>
/// <param name="FirstEntry">Index of its first entry.</param>
/// <param name="EntryCount">Number of its entries, which lie in one piece.</param>
/// <param name="IsIndexed">Whether it has an index; its entries are in the order of their hashes then.</param>
internal readonly record struct PlannedDirectory(int Inode, int Parent, int NameIndex, int FirstEntry, int EntryCount, bool IsIndexed);

/// <summary>A name of the plan.</summary>
internal readonly record struct PlannedEntry(ByteString Name, int Inode);

/// <summary>A run of blocks of a file that hold data.</summary>
/// <param name="LogicalBlock">First block in the file.</param>
/// <param name="Count">Number of blocks.</param>
internal readonly record struct BlockRun(uint LogicalBlock, uint Count);
