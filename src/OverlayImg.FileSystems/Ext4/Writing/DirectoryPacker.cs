using OverlayImg.FileSystems.Ext4.Format;

namespace OverlayImg.FileSystems.Ext4.Writing;

/// <summary>Packs the names of a directory into blocks of records. The first block starts with <c>.</c> and <c>..</c>.</summary>
internal sealed class DirectoryPacker(DiskOutput output, ChunkedTable<PlannedInode> inodes)
{
    private const int RoomBesideDots = DiskFormat.BlockSize - DirectoryRecord.DotsLength;

    /// <summary>Number of blocks that a directory needs, including the blocks of its index.</summary>
    public static uint CountBlocks(PlannedDirectory directory, ReadOnlySpan<PlannedEntry> entries)
    {
        if (directory.IsIndexed) return new DirectoryIndex(entries).BlockCount;
        var blocks = 1u;
        for (entries = entries[CountFitting(entries, RoomBesideDots)..]; !entries.IsEmpty; blocks++)
        {
            entries = entries[CountFitting(entries, DiskFormat.BlockSize)..];
        }

        return blocks;
    }

    /// <summary>Number of entries from the start whose records need at most <paramref name="room"/> bytes.</summary>
    public static int CountFitting(ReadOnlySpan<PlannedEntry> entries, int room)
    {
        var count = 0;
        while (count < entries.Length && (room -= DirectoryRecord.LengthFor(entries[count].Name.Length)) >= 0) count++;
        return count;
    }

    /// <summary>Writes all blocks of a directory.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="entries">The names in the directory.</param>
    /// <param name="parent">Inode number of the parent directory.</param>
    public void Write(PlannedDirectory directory, ReadOnlySpan<PlannedEntry> entries, int parent)
    {
        if (directory.IsIndexed) new DirectoryIndex(entries).Write(output, directory.Inode, parent);
        else entries = WriteFirst(directory.Inode, parent, entries);
        while (!entries.IsEmpty) entries = WriteRecords(output.AppendZeros(DiskFormat.BlockSize), entries);
    }

    private ReadOnlySpan<PlannedEntry> WriteFirst(int self, int parent, ReadOnlySpan<PlannedEntry> entries)
    {
        var block = output.AppendZeros(DiskFormat.BlockSize);
        var hasNames = CountFitting(entries, RoomBesideDots) > 0;
        DirectoryRecord.WriteDots(block, self, parent, hasNames ? DirectoryRecord.DotsLength : block.Length);
        return WriteRecords(block[DirectoryRecord.DotsLength..], entries);
    }

    // Writes the names that fit and extends the last record to the end. Returns the remaining names.
    private ReadOnlySpan<PlannedEntry> WriteRecords(Span<byte> room, ReadOnlySpan<PlannedEntry> entries)
    {
        var count = CountFitting(entries, room.Length);
        for (var index = 0; index < count; index++)
        {
            var (name, inode) = entries[index];
            var length = index == count - 1 ? room.Length : DirectoryRecord.LengthFor(name.Length);
            var type = InodeMode.DirectoryEntryType(inodes[inode].Node!.Type);
            new DirectoryRecord((uint)inode, length, name.Length, type).Write(room, name.Span);
            room = room[length..];
        }

        return entries[count..];
    }
}
