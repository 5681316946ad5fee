using OverlayImg.FileSystems.Ext4.Format;

namespace OverlayImg.FileSystems.Ext4.Writing;

/// <summary>
/// The first pass of the writer: it assigns all blocks to inodes. After the disk's own metadata come the directories, then the inodes' other
/// metadata blocks, then the data of all files, each in the order of inode numbers.
/// </summary>
internal sealed class DiskPlan
{
    private readonly Dictionary<int, BlockRun[]> _fragmented = [];

    private DiskPlan(TreeIndex tree) => Tree = tree;

    /// <summary>The tree's inodes, directories and names as tables.</summary>
    public TreeIndex Tree { get; }

    public DiskGeometry Geometry { get; private set; } = null!;

    /// <summary>Number of the first block with file data.</summary>
    public long DataStart { get; private set; }

    /// <summary>Number of blocks in use, which are the first blocks of the disk.</summary>
    public long UsedBlocks { get; private set; }

    /// <summary>Plans a disk.</summary>
    /// <exception cref="InputException">ext4 can't hold a file or directory of the tree. The error has the path.</exception>
    /// <exception cref="MachineException">The tree does not fit into the given size.</exception>
    public static DiskPlan Make(FileTree tree, Ext4WriterOptions options, CancellationToken cancellationToken)
    {
        var plan = new DiskPlan(TreeIndex.Of(tree, options.ReadOnly, cancellationToken));
        var (metadataBlocks, dataBlocks) = plan.Measure(cancellationToken);
        plan.Geometry = ChooseGeometry(plan.Tree.InodeCount, metadataBlocks + dataBlocks, options);
        plan.DataStart = plan.Geometry.ContentStart + metadataBlocks;
        plan.UsedBlocks = plan.DataStart + dataBlocks;
        plan.AssignBlocks();
        return plan;
    }

    /// <summary>Lists the block runs of a file with data.</summary>
    /// <param name="inode">Inode number of the file.</param>
    /// <param name="whole">Storage of the caller for the result where the file is a single run.</param>
    public ReadOnlySpan<BlockRun> RunsOf(int inode, ref BlockRun whole)
    {
        if (_fragmented.TryGetValue(inode, out var runs)) return runs;
        whole = new(0, Tree.Inodes[inode].BlockCount);
        return new(ref whole);
    }

    private static DiskGeometry ChooseGeometry(long inodes, long contentBlocks, Ext4WriterOptions options)
    {
        if (options.Size is not { } size) return AtMostMaximum(DiskGeometry.Smallest(inodes + options.FreeInodes, contentBlocks));
        var blocks = size / DiskFormat.BlockSize;
        if (blocks > DiskFormat.MaximumBlocks) throw TooLarge();
        var geometry = DiskGeometry.OfSize(Math.Max(blocks, 1), inodes, options.FreeInodes);
        if (geometry.Fits(inodes, contentBlocks)) return geometry;
        var needed = DiskGeometry.SmallestSize(inodes, options.FreeInodes, contentBlocks) * DiskFormat.BlockSize;
        throw new MachineException($"A disk of {size} bytes is too small: the files need {needed}")
        {
            Advice = new("Choose a larger disk.", FileSystemSetting.DiskSize),
        };
    }

    private static DiskGeometry AtMostMaximum(DiskGeometry geometry) =>
        geometry.BlockCount <= DiskFormat.MaximumBlocks ? geometry : throw TooLarge();

    private static MachineException TooLarge() =>
        new($"The ext4 disks of this tool have at most {DiskFormat.MaximumBlocks} blocks of {DiskFormat.BlockSize} bytes (16 TiB)");

    private (long MetadataBlocks, long DataBlocks) Measure(CancellationToken cancellationToken)
    {
        var (metadata, data) = (0L, 0L);
        foreach (var directory in Tree.Directories) metadata += MeasureDirectory(directory);

        for (var number = DiskFormat.RootInode; number <= Tree.InodeCount; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ref var inode = ref Tree.Inodes[number];
            if (inode.Node is not { } node) continue;
            try
            {
                data += MeasureData(number, ref inode);
                if (node.ExtendedAttributes.Count > 0) inode.HasXattrBlock = XattrPlacement.Of(node.ExtendedAttributes).NeedsBlock;
            }
            catch (InputException exception)
            {
                throw exception.At(new(Path: Tree.PathOf(number)));
            }

            BlockRun whole = default;
            inode.TreeBlockCount = ExtentTree.CountBlocks(FileRuns.CountExtents(RunsOf(number, ref whole)));
            metadata += inode.TreeBlockCount + (inode.HasXattrBlock ? 1 : 0) + (node is SymbolicLinkNode ? inode.BlockCount : 0);
        }

        return (metadata, data);
    }

    private uint MeasureDirectory(PlannedDirectory directory)
    {
        ref var inode = ref Tree.Inodes[directory.Inode];
        inode.IsIndexed = directory.IsIndexed;
        try
        {
            return inode.BlockCount = DirectoryPacker.CountBlocks(directory, Tree.EntriesOf(directory));
        }
        catch (InputException exception)
        {
            throw exception.At(new(Path: Tree.PathOf(directory.Inode)));
        }
    }

    // Checks the node and counts its blocks. Returns how many of them are data of files.
    private long MeasureData(int number, ref PlannedInode inode)
    {
        switch (inode.Node)
        {
            case RegularFileNode file:
                var length = file.Content.Length;
                if (length > DiskFormat.MaximumFileSize) throw new InputException($"a file of {length} bytes is too large for ext4 (16 TiB)");
                var runs = FileRuns.Of(file.Content);
                if (runs is not null) _fragmented.Add(number, runs);
                inode.BlockCount = runs is null ? (uint)DiskFormat.BlocksFor(length) : (uint)runs.Sum(run => run.Count);
                return inode.BlockCount;
            case SymbolicLinkNode { Target: var target }:
                if (target.IsEmpty || target.Length > DiskFormat.MaximumTargetLength || target.Span.Contains((byte)0))
                {
                    throw new InputException($"a target of {target.Length} bytes is impossible on ext4: a symbolic link's target has " +
                        $"1 to {DiskFormat.MaximumTargetLength} bytes, none of them NUL");
                }

                inode.BlockCount = target.Length < Inode.BlockAreaSize ? 0u : 1u;
                return 0;
            case SpecialNode { Major: > DeviceNumber.MaximumMajor } or SpecialNode { Minor: > DeviceNumber.MaximumMinor }:
                throw new InputException("a device number is beyond Linux's 12 bits of major and 20 bits of minor");
            default:
                return 0;
        }
    }

    private void AssignBlocks()
    {
        var (next, nextData) = (Geometry.ContentStart, DataStart);
        foreach (var directory in Tree.Directories)
        {
            ref var inode = ref Tree.Inodes[directory.Inode];
            inode.FirstBlock = Take(ref next, inode.BlockCount);
        }

        for (var number = DiskFormat.RootInode; number <= Tree.InodeCount; number++)
        {
            ref var inode = ref Tree.Inodes[number];
            if (inode.HasXattrBlock) inode.XattrBlock = Take(ref next, 1);
            inode.TreeBlock = Take(ref next, inode.TreeBlockCount);
            if (inode.Node is SymbolicLinkNode) inode.FirstBlock = Take(ref next, inode.BlockCount);
            if (inode.Node is RegularFileNode) inode.FirstBlock = Take(ref nextData, inode.BlockCount);
        }
    }

    private static uint Take(ref long next, long count)
    {
        var first = next;
        next += count;
        return (uint)first;
    }
}
