using OverlayImg.FileSystems.Ext4.Format;

namespace OverlayImg.FileSystems.Ext4.Writing;

/// <summary>Writes the inode tables: a record of 256 bytes for each inode in use.</summary>
internal sealed class InodeTableWriter(DiskPlan plan, DiskOutput output)
{
    private readonly List<Extent> _extents = [];

    /// <summary>Writes the tables of all groups, which are contiguous, so that an inode's number determines its location.</summary>
    public void Write(CancellationToken cancellationToken)
    {
        output.SkipTo(plan.Geometry.InodeTables * DiskFormat.BlockSize);
        for (var first = 1; first <= plan.Tree.InodeCount; first += DiskFormat.InodesPerBlock)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var block = output.AppendZeros(DiskFormat.BlockSize);
            for (var slot = 0; slot < DiskFormat.InodesPerBlock && first + slot <= plan.Tree.InodeCount; slot++)
            {
                if (plan.Tree.Inodes[first + slot].Node is not { } node) continue;
                WriteRecord(block.Slice(slot * DiskFormat.InodeSize, DiskFormat.InodeSize), node, first + slot);
            }
        }
    }

    private void WriteRecord(Span<byte> record, FileNode node, int number)
    {
        ref readonly var planned = ref plan.Tree.Inodes[number];
        var isMapped = node is RegularFileNode or DirectoryNode || planned.BlockCount > 0;
        new Inode
        {
            Mode = InodeMode.Of(node),
            Uid = node.Uid,
            Gid = node.Gid,
            Size = SizeOf(node, planned),
            ModificationTime = node.ModificationTime,
            // Only directories can exceed the limit (feature dir_nlink). A count of 1 means that their links are not counted.
            LinksCount = planned.Links > DiskFormat.MaximumLinks ? (ushort)1 : (ushort)planned.Links,
            Sectors = ((ulong)planned.BlockCount + (ulong)planned.TreeBlockCount + (planned.HasXattrBlock ? 1u : 0)) * DiskFormat.SectorsPerBlock,
            Flags = (isMapped ? InodeFlags.Extents : InodeFlags.None) | (planned.IsIndexed ? InodeFlags.Index : InodeFlags.None),
            FileAcl = planned.XattrBlock,
        }.Write(record);
        WriteBlockArea(Inode.BlockArea(record), node, number, planned, isMapped);
        if (node.ExtendedAttributes.Count > 0) XattrPlacement.Of(node.ExtendedAttributes).WriteInInode(record);
    }

    private void WriteBlockArea(Span<byte> area, FileNode node, int number, in PlannedInode planned, bool isMapped)
    {
        if (isMapped)
        {
            BlockRun whole = default;
            FileRuns.ToExtents(plan.RunsOf(number, ref whole), planned.FirstBlock, _extents);
            ExtentTree.WriteRoot(area, _extents, planned.TreeBlock);
        }
        else if (node is SymbolicLinkNode link)
        {
            link.Target.Span.CopyTo(area);
        }
        else if (node is SpecialNode { Type: FileType.CharacterDevice or FileType.BlockDevice } device)
        {
            DeviceNumber.Write(area, device.Major, device.Minor);
        }
    }

    private static ulong SizeOf(FileNode node, in PlannedInode planned) => node switch
    {
        RegularFileNode file => (ulong)file.Content.Length,
        SymbolicLinkNode link => (ulong)link.Target.Length,
        DirectoryNode => (ulong)planned.BlockCount * DiskFormat.BlockSize,
        _ => 0,
    };
}
