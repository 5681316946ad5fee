namespace OverlayImg.FileSystems.Ext4.Format;

/// <summary>The constants of all disks that the tool writes (kernel documentation, <c>filesystems/ext4</c>, "High Level Design").</summary>
internal static class DiskFormat
{
    /// <summary>Block size in bytes: the only size that kernels on every architecture mount.</summary>
    public const int BlockSize = 4096;

    /// <summary>Number of blocks in a group: as many as one block of bitmap has bits.</summary>
    public const int BlocksPerGroup = 8 * BlockSize;

    /// <summary>Size of a group in bytes: 128 MiB.</summary>
    public const long GroupSize = (long)BlocksPerGroup * BlockSize;

    /// <summary>Size of an inode in bytes. It has room for nanoseconds, times after 2038 and 88 bytes of extended attributes.</summary>
    public const int InodeSize = 256;

    /// <summary>Number of inodes in a block of the inode table. <c>s_inodes_per_group</c> is a multiple of it.</summary>
    public const int InodesPerBlock = BlockSize / InodeSize;

    /// <summary>Maximum number of inodes in a group: as many as one block of bitmap has bits.</summary>
    public const int MaximumInodesPerGroup = 8 * BlockSize;

    /// <summary>Inode number of the root directory (<c>EXT4_ROOT_INO</c>).</summary>
    public const int RootInode = 2;

    /// <summary>The first inode number that is not reserved (<c>EXT4_GOOD_OLD_FIRST_INO</c>). By convention, <c>lost+found</c> has it.</summary>
    public const int FirstInode = 11;

    /// <summary>Maximum length of a name in bytes (<c>EXT4_NAME_LEN</c>).</summary>
    public const int MaximumNameLength = 255;

    /// <summary>Maximum link count of an inode (<c>EXT4_LINK_MAX</c>). Each subdirectory is a link to its parent directory.</summary>
    public const int MaximumLinks = 65_000;

    /// <summary>Maximum number of blocks of a disk: without the <c>64bit</c> feature a block number has 32 bits.</summary>
    public const long MaximumBlocks = uint.MaxValue;

    /// <summary>Maximum size of a file in bytes: a logical block number has 32 bits (<c>EXT_MAX_BLOCKS</c>).</summary>
    public const long MaximumFileSize = (long)uint.MaxValue * BlockSize;

    /// <summary>Maximum length in bytes of a symbolic link's target, which must fit into a block with a NUL.</summary>
    public const int MaximumTargetLength = BlockSize - 1;

    /// <summary>Number of 512-byte sectors in a block; <c>i_blocks</c> counts sectors.</summary>
    public const int SectorsPerBlock = BlockSize / 512;

    /// <summary>Number of blocks that <paramref name="bytes"/> bytes need, rounded up.</summary>
    public static long BlocksFor(long bytes) => (bytes / BlockSize) + (bytes % BlockSize == 0 ? 0 : 1);
}
