using OverlayImg.FileSystems.Ext4.Format;

namespace OverlayImg.FileSystems.Ext4.Writing;

/// <summary>
/// The index of a large directory: a root, nodes below the root where the root has not enough entries, and below them the leaves, which are the blocks
/// of names. The names lie in the order of their hashes.
/// </summary>
internal sealed class DirectoryIndex
{
    /// <summary>
    /// Bytes of records up to which a directory has no index: some 4,000 names. The kernel reads such a directory through for a name that is not there,
    /// which takes an emulated processor less than a millisecond (11 ms for 60,000 names). A disk without any index lists every directory in the order of
    /// the names' bytes. A disk with an index lists directories of one block in the order of hashes, too, and scripts may depend on the order. So
    /// directories that ordinary images have get no index.
    /// </summary>
    public const int LargestWithout = 128 << 10;

    /// <summary>The most blocks of names: an index of more levels needs the feature <c>large_dir</c>.</summary>
    public const int MaximumLeaves = DirectoryIndexNode.EntriesInRoot * DirectoryIndexNode.EntriesInNode;

    private readonly List<DirectoryIndexEntry> _leaves = [];
    private readonly int _nodeCount;

    /// <summary>Plans the index of names that are in the order of <see cref="Sort"/>.</summary>
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
            throw new InputException($"{entries.Length} names in one directory need {_leaves.Count} blocks, and ext4 has an index for {MaximumLeaves}");
        }

        _nodeCount = (_leaves.Count + DirectoryIndexNode.EntriesInNode - 1) / DirectoryIndexNode.EntriesInNode;
    }

    /// <summary>Number of blocks of the directory: those of the index and those of names.</summary>
    public uint BlockCount => (uint)(FirstLeaf + _leaves.Count);

    private int FirstLeaf => 1 + _nodeCount;

    /// <summary>Whether a directory of these names is to have an index.</summary>
    public static bool IsFor(ReadOnlySpan<DirectoryEntry> entries)
    {
        var size = 0L;
        foreach (var entry in entries) size += DirectoryRecord.LengthFor(entry.Name.Length);
        return size > LargestWithout;
    }

    /// <summary>Brings names into the order of their hashes. Names of one hash keep their order.</summary>
    public static void Sort(DirectoryEntry[] entries)
    {
        var keys = new ulong[entries.Length];
        for (var index = 0; index < keys.Length; index++) keys[index] = ((ulong)DirectoryHash.Of(entries[index].Name.Span) << 32) | (uint)index;
        Array.Sort(keys, entries);
    }

    /// <summary>Writes the blocks of the index. The blocks of names follow it.</summary>
    public void Write(DiskOutput output, int self, int parent)
    {
        var leaves = _leaves.ConvertAll(leaf => leaf with { Block = leaf.Block + (uint)FirstLeaf });
        var nodes = _nodeCount == 0 ? [] : leaves.Chunk(DirectoryIndexNode.EntriesInNode).ToArray();
        DirectoryIndexEntry[] top = _nodeCount == 0 ? [.. leaves] : [.. nodes.Select((node, index) => new DirectoryIndexEntry(node[0].Hash, (uint)index + 1))];
        DirectoryIndexNode.WriteRoot(output.AppendZeros(DiskFormat.BlockSize), self, parent, _nodeCount == 0 ? 0 : 1, top);
        foreach (var node in nodes) DirectoryIndexNode.WriteNode(output.AppendZeros(DiskFormat.BlockSize), node);
    }

    // Names are sorted by the hash itself, so that e2fsck, which knows no maximum, finds them in order, too.
    private static uint HashOf(ByteString name) => Math.Min(DirectoryHash.Of(name.Span), DirectoryHash.Maximum);
}
