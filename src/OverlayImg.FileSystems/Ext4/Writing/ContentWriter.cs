using OverlayImg.FileSystems.Ext4.Format;

namespace OverlayImg.FileSystems.Ext4.Writing;

/// <summary>Writes everything after the inode tables: directories, extent trees, attributes, long link targets, and data.</summary>
internal sealed class ContentWriter(DiskPlan plan, DiskOutput output)
{
    private readonly List<Extent> _extents = [];

    /// <summary>Writes directories, and the blocks of extended attributes, extent trees and long symbolic links.</summary>
    public void WriteMetadata(CancellationToken cancellationToken)
    {
        output.SkipTo(plan.Geometry.ContentStart * DiskFormat.BlockSize);
        var packer = new DirectoryPacker(output, plan.Tree.Inodes);
        foreach (var directory in plan.Tree.Directories)
        {
            cancellationToken.ThrowIfCancellationRequested();
            packer.Write(directory, plan.Tree.EntriesOf(directory), plan.Tree.Directories[directory.Parent].Inode);
        }

        for (var number = DiskFormat.RootInode; number <= plan.Tree.InodeCount; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ref readonly var inode = ref plan.Tree.Inodes[number];
            if (inode.HasXattrBlock) XattrPlacement.Of(inode.Node!.ExtendedAttributes).WriteBlock(output.AppendZeros(DiskFormat.BlockSize));
            if (inode.TreeBlockCount > 0) WriteExtentTree(number, inode);
            if (inode is { Node: SymbolicLinkNode link, BlockCount: > 0 }) link.Target.Span.CopyTo(output.AppendZeros(DiskFormat.BlockSize));
        }
    }

    /// <summary>Writes the data of all files.</summary>
    /// <exception cref="InputException">A file changed since the tree was read.</exception>
    public void WriteData(CancellationToken cancellationToken)
    {
        for (var number = DiskFormat.FirstInode; number <= plan.Tree.InodeCount; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (plan.Tree.Inodes[number] is not { Node: RegularFileNode file, BlockCount: > 0 }) continue;
            BlockRun whole = default;
            foreach (var run in plan.RunsOf(number, ref whole)) WriteRun(file.Content, run, cancellationToken);
        }
    }

    private void WriteExtentTree(int number, in PlannedInode inode)
    {
        BlockRun whole = default;
        FileRuns.ToExtents(plan.RunsOf(number, ref whole), inode.FirstBlock, _extents);
        ExtentTree.WriteBlocks(output, _extents, inode.TreeBlock);
    }

    private void WriteRun(FileContent content, BlockRun run, CancellationToken cancellationToken)
    {
        var offset = (long)run.LogicalBlock * DiskFormat.BlockSize;
        var end = offset + ((long)run.Count * DiskFormat.BlockSize);
        while (offset < end)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var room = output.AppendSome(end - offset);
            var data = (int)Math.Min(room.Length, content.Length - offset);
            content.Read(offset, room[..data]);
            room[data..].Clear();
            offset += room.Length;
        }
    }
}
