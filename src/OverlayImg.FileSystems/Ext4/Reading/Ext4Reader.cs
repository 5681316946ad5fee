using OverlayImg.FileSystems.Ext4.Format;

namespace OverlayImg.FileSystems.Ext4.Reading;

/// <summary>
/// Reads an ext4 disk as a tree (kernel documentation, <c>filesystems/ext4</c>): a disk of <see cref="Writing.Ext4Writer"/>, also after a kernel
/// changed it. The disk may come from a hostile guest: each number is checked, no block is used twice, and memory is bounded.
/// </summary>
public static class Ext4Reader
{
    /// <summary>
    /// Reads the whole tree and finishes it. Content refers to <paramref name="disk"/>, which must stay open. An empty <c>lost+found</c> in the
    /// root is left out.
    /// </summary>
    /// <exception cref="InputException">The file is not an ext4 disk, was not unmounted cleanly, has unknown features, or is corrupt.</exception>
    public static FileTree Read(ByteSource disk, CancellationToken cancellationToken) => TreeReader.Read(DiskImage.Open(disk), cancellationToken);

    /// <summary>Whether the superblock shows damage: its magic number is missing, or a kernel noted in it that the disk has errors.</summary>
    /// <exception cref="InputException">The file can't be read.</exception>
    public static bool IsKnownToBeDamaged(string path)
    {
        using var disk = ByteSource.Open(path);
        if (disk.Length < Superblock.DiskOffset + Superblock.Size) return true;
        var bytes = new byte[Superblock.Size];
        disk.Read(Superblock.DiskOffset, bytes);
        return Superblock.MagicOf(bytes) != Superblock.Magic || (Superblock.Read(bytes).State & Superblock.StateErrors) != 0;
    }
}
