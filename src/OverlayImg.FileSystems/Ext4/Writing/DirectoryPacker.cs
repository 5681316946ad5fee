namespace OverlayImg.FileSystems.Ext4;

/// <summary>
/// Lays names out in blocks of records, <c>.</c> and <c>..</c> first. Directories of several blocks are linear: legal, and the kernel leaves
/// them so; it indexes those that outgrow one block on a mounted disk (<c>dir_index</c>).
/// </summary>
internal static class DirectoryPacker
{
    private const int DotsLength = 24;

    /// <summary>Number of blocks.</summary>
    public static uint CountBlocks(ReadOnlySpan<PlannedEntry> entries)
    {
        var (blocks, used) = (1u, DotsLength);
        foreach (var entry in entries)
        {
            var length = DirectoryRecord.LengthFor(entry.Name.Length);
            if (used + length > DiskFormat.BlockSize) (blocks, used) = (blocks + 1, 0);
            used += length;
        }

        return blocks;
    }

    /// <summary>Writes the blocks.</summary>
    public static void Write(DiskOutput output, ReadOnlySpan<PlannedEntry> entries, ChunkedTable<PlannedInode> inodes, int self, int parent)
    {
        var directoryType = InodeMode.DirectoryEntryType(FileType.Directory);
        var block = output.AppendZeros(DiskFormat.BlockSize);
        new DirectoryRecord((uint)self, 12, 1, directoryType).Write(block, "."u8);
        var (last, used) = (12, DotsLength);
        new DirectoryRecord((uint)parent, 12, 2, directoryType).Write(block[last..], ".."u8);
        foreach (var (name, inode) in entries)
        {
            var length = DirectoryRecord.LengthFor(name.Length);
            if (used + length > DiskFormat.BlockSize)
            {
                CloseBlock(block, last);
                block = output.AppendZeros(DiskFormat.BlockSize);
                used = 0;
            }

            var type = InodeMode.DirectoryEntryType(inodes[inode].Node!.Type);
            new DirectoryRecord((uint)inode, length, name.Length, type).Write(block[used..], name.Span);
            last = used;
            used += length;
        }

        CloseBlock(block, last);
    }

    private static void CloseBlock(Span<byte> block, int last) => DirectoryRecord.WriteLength(block[last..], block.Length - last);
}
