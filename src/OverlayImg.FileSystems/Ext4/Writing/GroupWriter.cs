using OverlayImg.FileSystems.Ext4.Format;

namespace OverlayImg.FileSystems.Ext4.Writing;

/// <summary>Writes group descriptors, block bitmaps and inode bitmaps. The blocks and inodes in use are always the first ones.</summary>
internal static class GroupWriter
{
    /// <summary>Makes the blocks of the superblock and the group descriptors, without UUID and hash seed.</summary>
    public static byte[] MakeHead(DiskPlan plan, bool isReadOnly)
    {
        var geometry = plan.Geometry;
        var head = new byte[geometry.BlockBitmaps * DiskFormat.BlockSize];
        SuperblockOf(plan, isReadOnly).Write(head.AsSpan(Superblock.DiskOffset, Superblock.Size));
        var directories = CountDirectories(plan);
        for (var group = 0; group < geometry.GroupCount; group++)
        {
            new GroupDescriptor(
                (ulong)(geometry.BlockBitmaps + group),
                (ulong)(geometry.InodeBitmaps + group),
                (ulong)(geometry.InodeTables + ((long)group * geometry.InodeTableBlocks)),
                (ushort)(geometry.BlocksInGroup(group) - UsedBlocks(plan, group)),
                (ushort)(geometry.InodesPerGroup - UsedInodes(plan, group)),
                directories[group]).Write(head.AsSpan(DiskFormat.BlockSize + (group * GroupDescriptor.Size)));
        }

        return head;
    }

    /// <summary>Writes all block bitmaps and inode bitmaps. Bits beyond the end of the disk or of a group's inodes are set.</summary>
    public static void WriteBitmaps(DiskPlan plan, DiskOutput output, CancellationToken cancellationToken)
    {
        var geometry = plan.Geometry;
        for (var group = 0; group < geometry.GroupCount; group++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            WriteBitmap(output, geometry.BlockBitmaps + group, UsedBlocks(plan, group), geometry.BlocksInGroup(group));
        }

        for (var group = 0; group < geometry.GroupCount; group++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            WriteBitmap(output, geometry.InodeBitmaps + group, UsedInodes(plan, group), geometry.InodesPerGroup);
        }
    }

    private static Superblock SuperblockOf(DiskPlan plan, bool isReadOnly) => new()
    {
        InodesCount = checked((uint)plan.Geometry.InodeCount),
        BlocksCount = (ulong)plan.Geometry.BlockCount,
        FreeBlocksCount = (ulong)(plan.Geometry.BlockCount - plan.UsedBlocks),
        FreeInodesCount = (uint)(plan.Geometry.InodeCount - plan.Tree.InodeCount),
        LogBlockSize = 2,
        BlocksPerGroup = DiskFormat.BlocksPerGroup,
        InodesPerGroup = (uint)plan.Geometry.InodesPerGroup,
        InodeSize = DiskFormat.InodeSize,
        // sparse_super2 without group numbers: the disk has no backup superblocks.
        Compatible = CompatibleFeatures.ExtendedAttributes | CompatibleFeatures.SparseSuper2 |
            (plan.Tree.HasIndexes || !isReadOnly ? CompatibleFeatures.DirectoryIndex : CompatibleFeatures.None),
        Incompatible = IncompatibleFeatures.FileType | IncompatibleFeatures.Extents | IncompatibleFeatures.FlexibleGroups,
        ReadOnlyCompatible = ReadOnlyCompatibleFeatures.LargeFile | ReadOnlyCompatibleFeatures.HugeFile | ReadOnlyCompatibleFeatures.DirectoryLinks |
            ReadOnlyCompatibleFeatures.ExtraInodeSize | (isReadOnly ? ReadOnlyCompatibleFeatures.ReadOnly : ReadOnlyCompatibleFeatures.None),
    };

    private static ushort[] CountDirectories(DiskPlan plan)
    {
        var counts = new ushort[plan.Geometry.GroupCount];
        foreach (var directory in plan.Tree.Directories) counts[(directory.Inode - 1) / plan.Geometry.InodesPerGroup]++;
        return counts;
    }

    private static int UsedBlocks(DiskPlan plan, int group) =>
        (int)Math.Clamp(plan.UsedBlocks - ((long)group * DiskFormat.BlocksPerGroup), 0, plan.Geometry.BlocksInGroup(group));

    private static int UsedInodes(DiskPlan plan, int group) =>
        (int)Math.Clamp(plan.Tree.InodeCount - ((long)group * plan.Geometry.InodesPerGroup), 0, plan.Geometry.InodesPerGroup);

    private static void WriteBitmap(DiskOutput output, long block, int used, int end)
    {
        // The bitmap of an entirely free group is zeros, which a hole provides.
        if (used == 0 && end == DiskFormat.BlocksPerGroup) return;
        output.SkipTo(block * DiskFormat.BlockSize);
        var bitmap = output.AppendZeros(DiskFormat.BlockSize);
        SetBits(bitmap, 0, used);
        SetBits(bitmap, end, DiskFormat.BlocksPerGroup);
    }

    private static void SetBits(Span<byte> bitmap, int from, int to)
    {
        for (; from < to && from % 8 != 0; from++) bitmap[from / 8] |= (byte)(1 << (from % 8));
        var bytes = (to - from) / 8;
        if (bytes > 0) bitmap.Slice(from / 8, bytes).Fill(0xFF);
        for (from += Math.Max(bytes, 0) * 8; from < to; from++) bitmap[from / 8] |= (byte)(1 << (from % 8));
    }
}
