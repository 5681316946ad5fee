namespace OverlayImg.FileSystems.Ext4.Writing;

/// <summary>The plan of one inode. Its size matters, because the plan has one for every file of the tree.</summary>
internal struct PlannedInode
{
    /// <summary>The node of the tree; null for reserved inodes.</summary>
    public FileNode? Node;

    /// <summary>Link count: the number of names, or for a directory 2 plus the number of subdirectories.</summary>
    public int Links;

    /// <summary>Whether the extended attributes need a block, <see cref="XattrBlock"/>.</summary>
    public bool HasXattrBlock;

    /// <summary>Whether the inode is a directory with a hash index.</summary>
    public bool IsIndexed;

    /// <summary>Number of the block with extended attributes.</summary>
    public uint XattrBlock;

    /// <summary>Number of blocks of the extent tree, without the root in the inode.</summary>
    public int TreeBlockCount;

    /// <summary>Number of the first block of the extent tree, whose blocks are contiguous.</summary>
    public uint TreeBlock;

    /// <summary>Number of blocks with a file's data, a directory's records, or a long symbolic link's target.</summary>
    public uint BlockCount;

    /// <summary>Number of the first of these blocks, which are contiguous.</summary>
    public uint FirstBlock;
}

/// <summary>A directory of the plan.</summary>
/// <param name="Inode">Inode number of the directory.</param>
/// <param name="Parent">Index of the parent directory in the table of directories; 0 for the root.</param>
/// <param name="NameIndex">Index in the table of names of the directory's own name; -1 for the root.</param>
/// <param name="FirstEntry">Index in the table of names of the first entry.</param>
/// <param name="EntryCount">Number of entries, which are contiguous in the table of names.</param>
/// <param name="IsIndexed">Whether the directory has a hash index. Its entries are then sorted by hash.</param>
internal readonly record struct PlannedDirectory(int Inode, int Parent, int NameIndex, int FirstEntry, int EntryCount, bool IsIndexed);

/// <summary>A name of the plan and its inode number.</summary>
internal readonly record struct PlannedEntry(ByteString Name, int Inode);

/// <summary>A run of adjacent blocks of a file that have data.</summary>
/// <param name="LogicalBlock">Number of the first block in the file.</param>
/// <param name="Count">Number of blocks.</param>
internal readonly record struct BlockRun(uint LogicalBlock, uint Count);
