using OverlayImg.FileSystems.Ext4.Format;

namespace OverlayImg.FileSystems.Ext4.Writing;

/// <summary>
/// The hash index of a large directory: a root, a level of nodes where the root has too few entries, and the leaves, which are the blocks with
/// names. The names are sorted by their hashes.
/// </summary>
internal sealed class DirectoryIndex
{
    /// <summary>
    /// Largest size in bytes of the records (some 4,000 names) for which a directory gets no index. The kernel searches such a directory for a
    /// missing name in less than a millisecond, even on an emulated processor (11 ms for 60,000 names). On a disk without any index the kernel
    /// lists all directories in bytewise order. On a disk with an index it lists directories of one block in hash order, too, and scripts may
    /// depend on the order. Therefore the directories of ordinary images get no index.
    /// </summary>
    public const int LargestWithout = 128 << 10;

    /// <summary>Maximum number of blocks with names. More levels would need the feature <c>large_dir</c>.</summary>
    public const int MaximumLeaves = DirectoryIndexNode.EntriesInRoot * DirectoryIndexNode.EntriesInNode;

    private readonly List<DirectoryIndexEntry> _leaves = [];
    private readonly int _nodeCount;

    /// <summary>Plans the index of names that <see cref="Sort"/> has sorted.</summary>
    /// <exception cref="InputException">The names need more than <see cref="MaximumLeaves"/> blocks. The caller adds the path.</exception>
    public DirectoryIndex(ReadOnlySpan<PlannedEntry> entries)
    {
        for (var first = 0; first < entries.Length; first += DirectoryPacker.CountFitting(entries[first..], DiskFormat.BlockSize))
        {
            var hash = HashOf(entries[first].Name);
            var isContinued = first > 0 && HashOf(entries[first - 1].Name) == hash;
            _leaves.Add(new(isContinued ? hash | 1 : hash, (uint)_leaves.Count));
        }

        if (_leaves.Count <= DirectoryIndexNode.EntriesInRoot) return;
        if (_leaves.Count > MaximumLeaves)
        {
            throw new InputException(
                $"{entries.Length} names in one directory need {_leaves.Count} blocks, and an index of ext4 allows {MaximumLeaves}");
        }

        _nodeCount = (_leaves.Count + DirectoryIndexNode.EntriesInNode - 1) / DirectoryIndexNode.EntriesInNode;
    }

    /// <summary>Number of blocks of the directory: blocks of the index and blocks with names.</summary>
    public uint BlockCount => (uint)(FirstLeaf + _leaves.Count);

    private int FirstLeaf => 1 + _nodeCount;

    /// <summary>Whether a directory with these names gets an index.</summary>
    public static bool IsFor(ReadOnlySpan<DirectoryEntry> entries)
    {
        var size = 0L;
        foreach (var entry in entries) size += DirectoryRecord.LengthFor(entry.Name.Length);
        return size > LargestWithout;
    }

    /// <summary>Sorts names by their hashes. Names with equal hashes keep their order.</summary>
    public static void Sort(DirectoryEntry[] entries)
    {
        var keys = new ulong[entries.Length];
        for (var index = 0; index < keys.Length; index++) keys[index] = ((ulong)DirectoryHash.Of(entries[index].Name.Span) << 32) | (uint)index;
        Array.Sort(keys, entries);
    }

    /// <summary>Writes the blocks of the index. The caller writes the blocks with names after them.</summary>
    public void Write(DiskOutput output, int self, int parent)
    {
        var leaves = _leaves.ConvertAll(leaf => leaf with { Block = leaf.Block + (uint)FirstLeaf });
        var nodes = _nodeCount == 0 ? [] : leaves.Chunk(DirectoryIndexNode.EntriesInNode).ToArray();
        DirectoryIndexEntry[] top = _nodeCount == 0
            ? [.. leaves]
            : [.. nodes.Select((node, index) => new DirectoryIndexEntry(node[0].Hash, (uint)index + 1))];
        DirectoryIndexNode.WriteRoot(output.AppendZeros(DiskFormat.BlockSize), self, parent, _nodeCount == 0 ? 0 : 1, top);
        foreach (var node in nodes) DirectoryIndexNode.WriteNode(output.AppendZeros(DiskFormat.BlockSize), node);
    }

    // Names are sorted by the unlimited hash, so that they are in order for e2fsck, too, which does not limit it.
    private static uint HashOf(ByteString name) => Math.Min(DirectoryHash.Of(name.Span), DirectoryHash.Maximum);
}
