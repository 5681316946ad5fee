using OverlayImg.FileSystems.Ext4.Format;

namespace OverlayImg.FileSystems.Ext4.Writing;

/// <summary>
/// How a disk is divided. In front, in one piece each: the superblock, the group descriptors, all block bitmaps, all inode bitmaps, all inode
/// tables (<c>flex_bg</c> lets them lie anywhere), and then whatever the tree needs. So file data is never cut by metadata, and the blocks in use
/// are simply the first ones of the disk.
/// </summary>
internal sealed record DiskGeometry
{
    // Inodes beyond these would only make the tables of huge disks huge.
    private const long MaximumFreeInodes = 1 << 22;
    private const long BytesPerFreeInode = 16 * 1024;

    private DiskGeometry(long blockCount, long wantedInodes)
    {
        BlockCount = blockCount;
        GroupCount = (int)((blockCount + DiskFormat.BlocksPerGroup - 1) / DiskFormat.BlocksPerGroup);
        var perGroup = (wantedInodes + GroupCount - 1) / GroupCount;
        perGroup = (perGroup + DiskFormat.InodesPerBlock - 1) / DiskFormat.InodesPerBlock * DiskFormat.InodesPerBlock;
        InodesPerGroup = (int)Math.Clamp(perGroup, DiskFormat.InodesPerBlock, DiskFormat.MaximumInodesPerGroup);
    }

    /// <summary>Size of the disk in blocks.</summary>
    public long BlockCount { get; }

    /// <summary>Number of groups; the last one may be short.</summary>
    public int GroupCount { get; }

    /// <summary>Number of inodes of each group, also the last one.</summary>
    public int InodesPerGroup { get; }

    /// <summary>Number of inodes.</summary>
    public long InodeCount => (long)GroupCount * InodesPerGroup;

    /// <summary>First of the blocks with all block bitmaps; the descriptors lie between the superblock and it.</summary>
    public long BlockBitmaps => 1 + DiskFormat.BlocksFor((long)GroupCount * GroupDescriptor.Size);

    /// <summary>First of the blocks with all inode bitmaps.</summary>
    public long InodeBitmaps => BlockBitmaps + GroupCount;

    /// <summary>First block of the inode tables.</summary>
    public long InodeTables => InodeBitmaps + GroupCount;

    /// <summary>Blocks of the inode table of one group.</summary>
    public int InodeTableBlocks => InodesPerGroup / DiskFormat.InodesPerBlock;

    /// <summary>First block of what the tree needs.</summary>
    public long ContentStart => InodeTables + ((long)GroupCount * InodeTableBlocks);

    /// <summary>The smallest disk for so many inodes and blocks.</summary>
    public static DiskGeometry Smallest(long inodes, long contentBlocks)
    {
        // Groups are added until both fit. A disk full of empty files needs groups for their inodes alone; one block makes a group.
        var groups = Math.Max(1, (inodes + DiskFormat.MaximumInodesPerGroup - 1) / DiskFormat.MaximumInodesPerGroup);
        while (true)
        {
            var firstOfLastGroup = (groups - 1) * DiskFormat.BlocksPerGroup;
            var needed = new DiskGeometry(firstOfLastGroup + 1, inodes).ContentStart + contentBlocks;
            if (needed <= firstOfLastGroup + DiskFormat.BlocksPerGroup) return new(Math.Max(needed, firstOfLastGroup + 1), inodes);
            groups = (needed + DiskFormat.BlocksPerGroup - 1) / DiskFormat.BlocksPerGroup;
        }
    }

    /// <summary>A disk of a given size, with free inodes in proportion. Ask it whether the tree <see cref="Fits"/>.</summary>
    public static DiskGeometry OfSize(long blockCount, long inodes, long freeInodes)
    {
        var proportional = Math.Min(blockCount * DiskFormat.BlockSize / BytesPerFreeInode, MaximumFreeInodes);
        return new(blockCount, inodes + Math.Max(freeInodes, proportional));
    }

    /// <summary>The size in blocks, at least, of a disk of <see cref="OfSize"/>'s kind that holds a tree.</summary>
    public static long SmallestSize(long inodes, long freeInodes, long contentBlocks)
    {
        var (tooSmall, enough) = (0L, DiskFormat.MaximumBlocks * 2);
        while (enough - tooSmall > 1)
        {
            var middle = (tooSmall + enough) / 2;
            if (OfSize(middle, inodes, freeInodes).Fits(inodes, contentBlocks)) enough = middle;
            else tooSmall = middle;
        }

        return enough;
    }

    /// <summary>Whether so many inodes and blocks find room.</summary>
    public bool Fits(long inodes, long contentBlocks) => inodes <= InodeCount && ContentStart + contentBlocks <= BlockCount;

    /// <summary>Number of blocks of a group.</summary>
    public int BlocksInGroup(int group) => (int)Math.Min(DiskFormat.BlocksPerGroup, BlockCount - ((long)group * DiskFormat.BlocksPerGroup));
}
