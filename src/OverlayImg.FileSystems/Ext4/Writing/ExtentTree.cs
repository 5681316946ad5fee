using OverlayImg.FileSystems.Ext4.Format;

namespace OverlayImg.FileSystems.Ext4.Writing;

/// <summary>
/// Writes extents as a tree. The inode has room for four entries, a block for 340. Up to four extents are in the inode; more are in leaves, which
/// the inode or further levels of blocks refer to. The blocks are contiguous: the leaves first, then level by level.
/// </summary>
internal static class ExtentTree
{
    /// <summary>Number of blocks of the tree, without the root in the inode.</summary>
    public static int CountBlocks(long extentCount)
    {
        var total = 0L;
        for (var count = extentCount; count > ExtentHeader.EntriesInInode; total += count) count = CountNodes(count);
        return checked((int)total);
    }

    /// <summary>Writes the root to an <c>i_block</c> of zeros.</summary>
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

    /// <summary>Writes the blocks below the root: the leaves first, then level by level.</summary>
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

    // Writes entry `index` of a level. Each entry covers `span` extents; with a span of 1 the entry is the extent itself.
    private static void WriteEntry(Span<byte> entry, List<Extent> extents, long index, long span, long firstBelow)
    {
        if (span == 1) extents[(int)index].Write(entry);
        else new ExtentIndex(extents[(int)(index * span)].LogicalBlock, (ulong)(firstBelow + index)).Write(entry);
    }

    private static long CountNodes(long entries) => (entries + ExtentHeader.EntriesInBlock - 1) / ExtentHeader.EntriesInBlock;
}
