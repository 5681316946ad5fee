using OverlayImg.FileSystems.Ext4.Format;

namespace OverlayImg.FileSystems.Ext4.Reading;

/// <summary>
/// Reads an ext4 disk as a tree (kernel documentation, <c>filesystems/ext4</c>): disks that <see cref="Writing.Ext4Writer"/> made, and what a kernel
/// made of them. The disk may come from a hostile guest: every number on it is checked, no block counts twice, and memory is bounded.
/// </summary>
public static class Ext4Reader
{
    /// <summary>
    /// The tree of the disk. Content is by reference: <paramref name="disk"/> must stay open. An empty <c>lost+found</c> of the root is left out.
    /// The tree is finished.
    /// </summary>
    /// <exception cref="InputException">It is no ext4 disk, was not unmounted cleanly, has features that we don't know, or is corrupt.</exception>
    public static FileTree Read(ByteSource disk, CancellationToken cancellationToken) => TreeReader.Read(DiskImage.Open(disk), cancellationToken);

    /// <summary>Whether a disk that a kernel had mounted is damaged as far as its superblock tells: the kernel notes there that it found an error.</summary>
    /// <exception cref="InputException">It can't be read.</exception>
    public static bool IsKnownToBeDamaged(string path)
    {
        using var disk = ByteSource.Open(path);
        if (disk.Length < Superblock.DiskOffset + Superblock.Size) return true;
        var bytes = new byte[Superblock.Size];
        disk.Read(Superblock.DiskOffset, bytes);
        return Superblock.MagicOf(bytes) != Superblock.Magic || (Superblock.Read(bytes).State & Superblock.StateErrors) != 0;
    }
}
