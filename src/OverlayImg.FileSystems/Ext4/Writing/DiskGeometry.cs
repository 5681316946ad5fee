using OverlayImg.FileSystems.Ext4.Format;

namespace OverlayImg.FileSystems.Ext4.Writing;

/// <summary>
/// The layout of a disk. The start of the disk has the superblock, all group descriptors, all block bitmaps, all inode bitmaps and all inode
/// tables, each in one piece (<c>flex_bg</c> allows any location). The tree's blocks follow. So metadata never interrupts the data of a file, and
/// the blocks in use are the first blocks of the disk.
/// </summary>
internal sealed record DiskGeometry
{
    // More free inodes would only enlarge the inode tables of huge disks.
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

    /// <summary>Number of groups. The last group may have fewer blocks.</summary>
    public int GroupCount { get; }

    /// <summary>Number of inodes in each group, including the last one.</summary>
    public int InodesPerGroup { get; }

    public long InodeCount => (long)GroupCount * InodesPerGroup;

    /// <summary>Number of the first block bitmap's block. The group descriptors precede it.</summary>
    public long BlockBitmaps => 1 + DiskFormat.BlocksFor((long)GroupCount * GroupDescriptor.Size);

    /// <summary>Number of the first inode bitmap's block.</summary>
    public long InodeBitmaps => BlockBitmaps + GroupCount;

    /// <summary>Number of the first block of the inode tables.</summary>
    public long InodeTables => InodeBitmaps + GroupCount;

    /// <summary>Number of blocks of one group's inode table.</summary>
    public int InodeTableBlocks => InodesPerGroup / DiskFormat.InodesPerBlock;

    /// <summary>Number of the first block after the inode tables, where the tree's blocks start.</summary>
    public long ContentStart => InodeTables + ((long)GroupCount * InodeTableBlocks);

    /// <summary>Makes the smallest disk for so many inodes and blocks.</summary>
    public static DiskGeometry Smallest(long inodes, long contentBlocks)
    {
        // Adds groups until inodes and blocks fit. A disk of many empty files needs groups only for their inodes; a group needs at least one block.
        var groups = Math.Max(1, (inodes + DiskFormat.MaximumInodesPerGroup - 1) / DiskFormat.MaximumInodesPerGroup);
        while (true)
        {
            var firstOfLastGroup = (groups - 1) * DiskFormat.BlocksPerGroup;
            var needed = new DiskGeometry(firstOfLastGroup + 1, inodes).ContentStart + contentBlocks;
            if (needed <= firstOfLastGroup + DiskFormat.BlocksPerGroup) return new(Math.Max(needed, firstOfLastGroup + 1), inodes);
            groups = (needed + DiskFormat.BlocksPerGroup - 1) / DiskFormat.BlocksPerGroup;
        }
    }

    /// <summary>Makes a disk of a given size with a proportional number of free inodes. The caller must check <see cref="Fits"/>.</summary>
    public static DiskGeometry OfSize(long blockCount, long inodes, long freeInodes)
    {
        var proportional = Math.Min(blockCount * DiskFormat.BlockSize / BytesPerFreeInode, MaximumFreeInodes);
        return new(blockCount, inodes + Math.Max(freeInodes, proportional));
    }

    /// <summary>Smallest size in blocks for which the disk of <see cref="OfSize"/> has room for so many inodes and blocks.</summary>
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

    /// <summary>Whether the disk has room for so many inodes and blocks.</summary>
    public bool Fits(long inodes, long contentBlocks) => inodes <= InodeCount && ContentStart + contentBlocks <= BlockCount;

    public int BlocksInGroup(int group) => (int)Math.Min(DiskFormat.BlocksPerGroup, BlockCount - ((long)group * DiskFormat.BlocksPerGroup));
}
