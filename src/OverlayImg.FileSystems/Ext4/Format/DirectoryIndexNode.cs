using static System.Buffers.Binary.BinaryPrimitives;

namespace OverlayImg.FileSystems.Ext4.Format;

/// <summary>A block of a directory and the lowest hash of the names in it or below it.</summary>
/// <param name="Hash">The hash. Its lowest bit is 1 where the block before ends with a name of the same hash.</param>
/// <param name="Block">Number of the block in the directory.</param>
internal readonly record struct DirectoryIndexEntry(uint Hash, uint Block);

/// <summary>
/// <c>struct dx_root</c> and <c>struct dx_node</c>: blocks of a directory that tell in which block a name lies. Programs that don't know the index see
/// records without names in them.
/// </summary>
internal static class DirectoryIndexNode
{
    /// <summary>Entries of the root, without the tail that checksums need.</summary>
    public const int EntriesInRoot = (DiskFormat.BlockSize - RootHeaderSize) / EntrySize;

    /// <summary>Entries of a node below the root.</summary>
    public const int EntriesInNode = (DiskFormat.BlockSize - DirectoryRecord.HeaderSize) / EntrySize;

    private const int EntrySize = 8;
    private const int RootInfoSize = 8;
    private const int RootHeaderSize = DirectoryRecord.DotsLength + RootInfoSize;

    /// <summary>Writes the first block of a directory into a block of zeros.</summary>
    /// <param name="block">The block.</param>
    /// <param name="self">Inode of the directory.</param>
    /// <param name="parent">Inode of the directory that it stands in.</param>
    /// <param name="levels">Number of levels of nodes between the root and the blocks of names.</param>
    /// <param name="entries">The blocks one level below.</param>
    public static void WriteRoot(Span<byte> block, int self, int parent, int levels, ReadOnlySpan<DirectoryIndexEntry> entries)
    {
        DirectoryRecord.WriteDots(block, self, parent, DiskFormat.BlockSize);
        var info = block.Slice(DirectoryRecord.DotsLength, RootInfoSize);
        info[4] = DirectoryHash.Version;
        info[5] = RootInfoSize;
        info[6] = (byte)levels;
        WriteEntries(block[RootHeaderSize..], EntriesInRoot, entries);
    }

    /// <summary>Writes a node below the root into a block of zeros.</summary>
    public static void WriteNode(Span<byte> block, ReadOnlySpan<DirectoryIndexEntry> entries)
    {
        new DirectoryRecord(0, DiskFormat.BlockSize, 0, 0).Write(block, default);
        WriteEntries(block[DirectoryRecord.HeaderSize..], EntriesInNode, entries);
    }

    // struct dx_countlimit lies where the first entry would have its hash, which nobody needs: it is the lowest one.
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
