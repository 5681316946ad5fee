using OverlayImg.FileSystems.Ext4.Format;

namespace OverlayImg.FileSystems.Ext4.Writing;

/// <summary>Lays the names of a directory out in blocks of records. <c>.</c> and <c>..</c> come first, or the index that has them.</summary>
internal sealed class DirectoryPacker(DiskOutput output, ChunkedTable<PlannedInode> inodes)
{
    private const int RoomBesideDots = DiskFormat.BlockSize - DirectoryRecord.DotsLength;

    /// <summary>Number of blocks.</summary>
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

    /// <summary>Number of the first entries whose records take at most <paramref name="room"/> bytes.</summary>
    public static int CountFitting(ReadOnlySpan<PlannedEntry> entries, int room)
    {
        var count = 0;
        while (count < entries.Length && (room -= DirectoryRecord.LengthFor(entries[count].Name.Length)) >= 0) count++;
        return count;
    }

    /// <summary>Writes the blocks.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="entries">Its names.</param>
    /// <param name="parent">Inode of the directory that it stands in.</param>
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

    // Writes the names that fit, the last one's record up to the end, and returns the others.
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
