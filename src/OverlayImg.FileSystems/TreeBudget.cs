namespace OverlayImg.FileSystems;

/// <summary>
/// A limit on the memory and on the output that the trees of one input (a disk, an archive, all layers of an image) may take. All readers take
/// from such a budget, because compression and implied directories let a small input describe a huge tree. Several threads may use one budget.
/// </summary>
public sealed class TreeBudget
{
    /// <summary>
    /// Limit on the estimated bytes of memory for names, link targets, extended attributes and the extents of sparse files. A tree of a million
    /// files takes a tenth.
    /// </summary>
    public const long MaximumMemory = 1 << 30;

    /// <summary>
    /// Limit on the total bytes of the paths of implied directories. Such a directory has no entry in its archive, but every output gets an entry
    /// with the whole path: 5 KB of a compressed archive can imply gigabytes of output. Ordinary archives imply a few megabytes of paths at most.
    /// </summary>
    public const long MaximumImpliedPaths = 256 << 20;

    private const int MemoryPerName = 100;

    // An implied directory has its own node, and a table for at least one name.
    private const int MemoryPerImpliedDirectory = 400;

    /// <summary>Bytes of memory for each extent of a sparse file.</summary>
    private const int MemoryPerExtent = 24;

    private long _memory;
    private long _impliedPaths;

    /// <summary>The message for a refused request: what the input has too much of. A clause without a full stop.</summary>
    public static string Excess { get; } =
        "there are more names, link targets, extended attributes and fragments " +
        $"than fit into the {MaximumMemory >> 20} MiB of memory that a tree may take";

    /// <summary>The message for a refused implied directory: what the input has too much of. A clause without a full stop.</summary>
    public static string ImpliedExcess { get; } =
        $"the directories that are only implied by longer paths are too many: their paths add up to more than {MaximumImpliedPaths >> 20} MiB";

    /// <summary>Takes memory for a name, an attribute or another item of that size. Returns false where the budget is exceeded.</summary>
    public bool TryTake(long bytes) => Interlocked.Add(ref _memory, MemoryPerName + bytes) <= MaximumMemory;

    /// <summary>Takes memory for <paramref name="count"/> extents of a sparse file. Returns false where the budget is exceeded.</summary>
    public bool TryTakeExtents(long count) => TryTake(MemoryPerExtent * count);

    /// <summary>Takes an implied directory with a path of <paramref name="pathLength"/> bytes. Returns false where the budget is exceeded.</summary>
    public bool TryTakeImpliedDirectory(int pathLength) =>
        TryTake(MemoryPerImpliedDirectory) & Interlocked.Add(ref _impliedPaths, pathLength) <= MaximumImpliedPaths;
}
