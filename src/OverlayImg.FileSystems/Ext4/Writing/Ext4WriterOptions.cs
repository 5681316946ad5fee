namespace OverlayImg.FileSystems.Ext4.Writing;

/// <summary>The properties of a disk that do not depend on its tree.</summary>
public sealed record Ext4WriterOptions
{
    /// <summary>Whether the disk is marked so that kernels mount it read-only (<c>RO_COMPAT_READONLY</c>). Parent layers are.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>
    /// Size of the disk in bytes, up to 16 TiB, rounded down to blocks of 4096 bytes. Null is the smallest size for the tree, without free space.
    /// The file is sparse, so free space of the disk takes no space on the host.
    /// </summary>
    public long? Size { get; init; }

    /// <summary>
    /// Minimum number of free inodes. A disk with a given <see cref="Size"/> has at least one free inode for every 16 KiB (up to four million),
    /// so that its blocks run out before its inodes.
    /// </summary>
    public int FreeInodes { get; init; }
}
