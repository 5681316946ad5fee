using OverlayImg.FileSystems.Ext4.Format;

namespace OverlayImg.FileSystems.Ext4.Reading;

/// <summary>Reads the extent tree of an inode and claims its blocks. The size of the disk bounds the work, because no block is read twice.</summary>
internal sealed class ExtentReader(DiskImage disk)
{
    // One buffer for each level, because a node's entries are still needed while the nodes below are read.
    private readonly byte[][] _nodes = [.. Enumerable.Range(0, ExtentHeader.MaximumDepth).Select(_ => new byte[disk.BlockSize])];

    /// <summary>Lists the extents in ascending order. Extents that are adjacent in the file and on the disk are joined.</summary>
    /// <exception cref="InputException">The tree is corrupt.</exception>
    public List<Extent> Read(ReadOnlySpan<byte> record, uint inode, NamePath path, CancellationToken cancellationToken)
    {
        var extents = new List<Extent>();
        var root = Inode.BlockArea(record);
        var depth = HeaderOf(root, null, inode, path).Depth;
        Span<int> next = stackalloc int[ExtentHeader.MaximumDepth + 1];
        next.Clear();
        for (var level = 0; level >= 0;)
        {
            var node = level == 0 ? root : _nodes[level - 1];
            if (next[level] == ExtentHeader.Read(node).Entries)
            {
                level--;
            }
            else if (level == depth)
            {
                Add(extents, Extent.Read(ExtentHeader.Entry(node, next[level]++)), inode, path);
            }
            else
            {
                cancellationToken.ThrowIfCancellationRequested();
                var child = ExtentIndex.Read(ExtentHeader.Entry(node, next[level]++)).NodeBlock;
                disk.Claim(child, 1, inode, path);
                disk.ReadBlock(child, _nodes[level]);
                level++;
                HeaderOf(_nodes[level - 1], depth - level, inode, path);
                next[level] = 0;
            }
        }

        return extents;
    }

    private ExtentHeader HeaderOf(ReadOnlySpan<byte> node, int? depth, uint inode, NamePath path)
    {
        var header = ExtentHeader.Read(node);
        var isValid = ExtentHeader.MagicOf(node) == ExtentHeader.Magic &&
            header.Entries <= header.Maximum && header.Maximum <= (node.Length - ExtentHeader.Size) / ExtentHeader.Size &&
            header.Depth <= ExtentHeader.MaximumDepth && (depth ?? header.Depth) == header.Depth;
        return isValid ? header : throw disk.Corrupt($"inode {inode} has a damaged extent tree", path);
    }

    private void Add(List<Extent> extents, Extent extent, uint inode, NamePath path)
    {
        var isPossible = extent.Count > 0 && extent.LogicalBlock + (ulong)extent.Count <= uint.MaxValue;
        if (!isPossible) throw disk.Corrupt($"inode {inode} has an extent of an impossible length", path);
        disk.Claim(extent.PhysicalBlock, (ulong)extent.Count, inode, path);
        if (extents is [.., var last])
        {
            var end = last.LogicalBlock + (ulong)last.Count;
            if (extent.LogicalBlock < end) throw disk.Corrupt($"inode {inode} has extents that overlap", path);
            var isAdjacent = extent.LogicalBlock == end && extent.PhysicalBlock == last.PhysicalBlock + (ulong)last.Count;
            if (isAdjacent && extent.IsUnwritten == last.IsUnwritten && extent.Count <= int.MaxValue - last.Count)
            {
                extents[^1] = last with { Count = last.Count + extent.Count };
                return;
            }
        }

        extents.Add(extent);
    }
}
