using OverlayImg.FileSystems.Ext4.Format;

namespace OverlayImg.FileSystems.Ext4.Writing;

/// <summary>
/// Writes extents as a tree: up to four in the inode; more in leaves of 340, whose places stand in the inode or, when there are more than four,
/// in further levels of blocks of 340. The blocks lie in one piece, leaves first, then level by level.
/// </summary>
internal static class ExtentTree
{
    /// <summary>Number of blocks of the tree below the inode.</summary>
    public static int CountBlocks(long extentCount)
    {
        var total = 0L;
        for (var count = extentCount; count > ExtentHeader.EntriesInInode; total += count) count = CountNodes(count);
        return checked((int)total);
    }

    /// <summary>Writes the root into an <c>i_block</c> of zeros.</summary>
    public static void WriteRoot(Span<byte> blockArea, List<Extent> extents, uint treeBlock)
    {
        var (depth, first, count, span) = (0, (long)treeBlock, (long)extents.Count, 1L);
        for (var below = 0L; count > ExtentHeader.EntriesInInode; depth++)
        {
            first += below;
            count = below = CountNodes(count);
            span *= ExtentHeader.EntriesInBlock;
        }

        new ExtentHeader((int)count, ExtentHeader.EntriesInInode, depth).Write(blockArea);
        for (var index = 0; index < count; index++) WriteEntry(ExtentHeader.Entry(blockArea, index), extents, index, span, first);
    }

    /// <summary>Writes the blocks below the root, in order.</summary>
    public static void WriteBlocks(DiskOutput output, List<Extent> extents, uint treeBlock)
    {
        var (depth, below, span) = (0, (long)treeBlock, 1L);
        for (var count = (long)extents.Count; count > ExtentHeader.EntriesInInode; depth++)
        {
            var nodes = CountNodes(count);
            for (var node = 0L; node < nodes; node++)
            {
                var block = output.AppendZeros(DiskFormat.BlockSize);
                var first = node * ExtentHeader.EntriesInBlock;
                var entries = (int)Math.Min(ExtentHeader.EntriesInBlock, count - first);
                new ExtentHeader(entries, ExtentHeader.EntriesInBlock, depth).Write(block);
                for (var index = 0; index < entries; index++) WriteEntry(ExtentHeader.Entry(block, index), extents, first + index, span, below);
            }

            if (depth > 0) below += count;
            count = nodes;
            span *= ExtentHeader.EntriesInBlock;
        }
    }

    // Entry number `index` of a level whose entries stand for `span` extents each; 1 is the level of the extents themselves.
    private static void WriteEntry(Span<byte> entry, List<Extent> extents, long index, long span, long firstBelow)
    {
        if (span == 1) extents[(int)index].Write(entry);
        else new ExtentIndex(extents[(int)(index * span)].LogicalBlock, (ulong)(firstBelow + index)).Write(entry);
    }

    private static long CountNodes(long entries) => (entries + ExtentHeader.EntriesInBlock - 1) / ExtentHeader.EntriesInBlock;
}
