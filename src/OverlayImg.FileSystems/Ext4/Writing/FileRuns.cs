using OverlayImg.FileSystems.Ext4.Format;

namespace OverlayImg.FileSystems.Ext4.Writing;

/// <summary>Conversions from the data ranges of a file to runs of blocks, and from runs to extents.</summary>
internal static class FileRuns
{
    /// <summary>The runs of blocks with data of <paramref name="content"/>; null where all of its blocks have data.</summary>
    public static BlockRun[]? Of(FileContent content)
    {
        List<BlockRun>? runs = null;
        var (start, end) = (0L, 0L);
        foreach (var extent in content.DataExtents)
        {
            if (extent.Offset == 0 && extent.Length == content.Length) return null;
            var first = extent.Offset / DiskFormat.BlockSize;
            runs ??= [];
            if (first > end)
            {
                if (end > start) runs.Add(new((uint)start, (uint)(end - start)));
                start = first;
            }

            end = DiskFormat.BlocksFor(extent.Offset + extent.Length);
        }

        if (end > start) runs!.Add(new((uint)start, (uint)(end - start)));
        if (runs is [{ LogicalBlock: 0 } only] && only.Count == DiskFormat.BlocksFor(content.Length)) return null;
        return runs is null ? content.Length == 0 ? null : [] : [.. runs];
    }

    /// <summary>Stores in <paramref name="extents"/> the extents of runs that are contiguous on the disk, in place of earlier items.</summary>
    public static void ToExtents(ReadOnlySpan<BlockRun> runs, uint firstBlock, List<Extent> extents)
    {
        extents.Clear();
        var physical = firstBlock;
        foreach (var run in runs)
        {
            for (var done = 0u; done < run.Count;)
            {
                var count = Math.Min(run.Count - done, Extent.MaximumCount);
                extents.Add(new(run.LogicalBlock + done, (int)count, physical));
                done += count;
                physical += count;
            }
        }
    }

    /// <summary>Number of extents that <see cref="ToExtents"/> makes.</summary>
    public static long CountExtents(ReadOnlySpan<BlockRun> runs)
    {
        var count = 0L;
        foreach (var run in runs) count += (run.Count + Extent.MaximumCount - 1L) / Extent.MaximumCount;
        return count;
    }
}
