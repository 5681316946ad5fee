using static System.Buffers.Binary.BinaryPrimitives;

namespace OverlayImg.FileSystems.Ext4.Format;

/// <summary>An entry of an index: a block of the directory, and the lowest hash of the names in the block or below it.</summary>
/// <param name="Hash">The lowest hash. Its lowest bit is 1 where the previous block ends with a name of the same hash.</param>
/// <param name="Block">Logical number of the block in the directory.</param>
internal readonly record struct DirectoryIndexEntry(uint Hash, uint Block);

/// <summary>
/// <c>struct dx_root</c> and <c>struct dx_node</c>: blocks of a directory that map hashes to the blocks with the names. To programs without support
/// for indexes, these blocks look like directory blocks without names.
/// </summary>
internal static class DirectoryIndexNode
{
    /// <summary>Maximum number of entries in the root. Without checksums, no tail follows the entries.</summary>
    public const int EntriesInRoot = (DiskFormat.BlockSize - RootHeaderSize) / EntrySize;

    /// <summary>Maximum number of entries in a node below the root.</summary>
    public const int EntriesInNode = (DiskFormat.BlockSize - DirectoryRecord.HeaderSize) / EntrySize;

    private const int EntrySize = 8;
    private const int RootInfoSize = 8;
    private const int RootHeaderSize = DirectoryRecord.DotsLength + RootInfoSize;

    /// <summary>Writes the first block of an indexed directory.</summary>
    /// <param name="block">A block of zeros.</param>
    /// <param name="self">Inode number of the directory.</param>
    /// <param name="parent">Inode number of the parent directory.</param>
    /// <param name="levels">Number of levels of nodes between the root and the blocks with names.</param>
    /// <param name="entries">The entries of the blocks one level below.</param>
    public static void WriteRoot(Span<byte> block, int self, int parent, int levels, ReadOnlySpan<DirectoryIndexEntry> entries)
    {
        DirectoryRecord.WriteDots(block, self, parent, DiskFormat.BlockSize);
        var info = block.Slice(DirectoryRecord.DotsLength, RootInfoSize);
        info[4] = DirectoryHash.Version;
        info[5] = RootInfoSize;
        info[6] = (byte)levels;
        WriteEntries(block[RootHeaderSize..], EntriesInRoot, entries);
    }

    /// <summary>Writes a node below the root to a block of zeros.</summary>
    public static void WriteNode(Span<byte> block, ReadOnlySpan<DirectoryIndexEntry> entries)
    {
        new DirectoryRecord(0, DiskFormat.BlockSize, 0, 0).Write(block, default);
        WriteEntries(block[DirectoryRecord.HeaderSize..], EntriesInNode, entries);
    }

    // struct dx_countlimit takes the place of the first entry's hash, which no reader needs because it is the lowest.
    private static void WriteEntries(Span<byte> area, int limit, ReadOnlySpan<DirectoryIndexEntry> entries)
    {
        for (var index = 0; index < entries.Length; index++)
        {
            WriteUInt32LittleEndian(area[(index * EntrySize)..], entries[index].Hash);
            WriteUInt32LittleEndian(area[((index * EntrySize) + 4)..], entries[index].Block);
        }

        WriteUInt16LittleEndian(area, (ushort)limit);
        WriteUInt16LittleEndian(area[2..], checked((ushort)entries.Length));
    }
}
