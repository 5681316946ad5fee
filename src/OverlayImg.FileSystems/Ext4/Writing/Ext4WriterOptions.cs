namespace OverlayImg.FileSystems.Ext4.Writing;

/// <summary>What a disk is to be, beside what it holds.</summary>
public sealed record Ext4WriterOptions
{
    /// <summary>Marks the disk so that no kernel mounts it read-write (<c>RO_COMPAT_READONLY</c>): for parent layers.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>
    /// Size of the disk in bytes, up to 16 TiB, rounded down to a whole block of 4096; null for the smallest that holds the tree, without room for
    /// anything more. The file is sparse: what the tree doesn't need takes no space on the host.
    /// </summary>
    public long? Size { get; init; }

    /// <summary>
    /// Inodes to keep free, at least. Where <see cref="Size"/> is given, one is kept free for every 16 KiB of the disk (up to four million)
    /// in any case, so that the blocks run out before the inodes do.
    /// </summary>
    public int FreeInodes { get; init; }
}
