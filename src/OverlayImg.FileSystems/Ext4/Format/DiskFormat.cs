namespace OverlayImg.FileSystems.Ext4.Format;

/// <summary>The numbers that hold for every disk we write (kernel documentation, <c>filesystems/ext4</c>, "High Level Design").</summary>
internal static class DiskFormat
{
    /// <summary>Bytes per block: the only size that every architecture mounts.</summary>
    public const int BlockSize = 4096;

    /// <summary>A group is as long as one block of bitmap can tell.</summary>
    public const int BlocksPerGroup = 8 * BlockSize;

    /// <summary>Bytes per group: 128 MiB.</summary>
    public const long GroupSize = (long)BlocksPerGroup * BlockSize;

    /// <summary>Bytes per inode: room for nanoseconds, dates after 2038 and 88 bytes of extended attributes.</summary>
    public const int InodeSize = 256;

    /// <summary>Inodes in a block of the inode table; <c>s_inodes_per_group</c> is a multiple of it.</summary>
    public const int InodesPerBlock = BlockSize / InodeSize;

    /// <summary>As many inodes as one block of bitmap can tell.</summary>
    public const int MaximumInodesPerGroup = 8 * BlockSize;

    /// <summary><c>EXT4_ROOT_INO</c>.</summary>
    public const int RootInode = 2;

    /// <summary><c>EXT4_GOOD_OLD_FIRST_INO</c>: the first inode that is not reserved, by custom that of <c>lost+found</c>.</summary>
    public const int FirstInode = 11;

    /// <summary><c>EXT4_NAME_LEN</c>.</summary>
    public const int MaximumNameLength = 255;

    /// <summary><c>EXT4_LINK_MAX</c>: names of a file; also the links of a directory, each subdirectory being one.</summary>
    public const int MaximumLinks = 65_000;

    /// <summary>Without the <c>64bit</c> feature a block number has 32 bits.</summary>
    public const long MaximumBlocks = uint.MaxValue;

    /// <summary>Bytes of the largest file: its logical block numbers have 32 bits (<c>EXT_MAX_BLOCKS</c>).</summary>
    public const long MaximumFileSize = (long)uint.MaxValue * BlockSize;

    /// <summary>The longest target of a symbolic link: one block with the NUL behind it.</summary>
    public const int MaximumTargetLength = BlockSize - 1;

    /// <summary>Sectors of <c>i_blocks</c> in a block.</summary>
    public const int SectorsPerBlock = BlockSize / 512;

    /// <summary>Number of blocks that hold <paramref name="bytes"/>.</summary>
    public static long BlocksFor(long bytes) => (bytes / BlockSize) + (bytes % BlockSize == 0 ? 0 : 1);
}
