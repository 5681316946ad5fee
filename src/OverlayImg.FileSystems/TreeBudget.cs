namespace OverlayImg.FileSystems;

/// <summary>
/// Bounds what the trees of one input (a disk, an archive, all layers of an image) may cost. Every reader of trees takes from such a budget, because
/// compression and implied directories let a small input claim a large tree. Several threads may take from one budget.
/// </summary>
public sealed class TreeBudget
{
    /// <summary>
    /// Estimated bytes of memory for names, link targets, extended attributes and the maps of sparse files. A tree of a million files takes a tenth.
    /// </summary>
    public const long MaximumMemory = 1 << 30;

    /// <summary>
    /// Total bytes of the paths of implied directories. Such a directory has no entry in its archive, but every output gets an entry with its whole path:
    /// 5 KB of a compressed archive can imply gigabytes of output. Archives that leave out their directories imply a few megabytes of paths.
    /// </summary>
    public const long MaximumImpliedPaths = 256 << 20;

    private const int MemoryPerName = 100;

    // An implied directory is a node of its own with a table for at least one name.
    private const int MemoryPerImpliedDirectory = 400;

    /// <summary>Bytes for each run of data of a sparse file.</summary>
    private const int MemoryPerExtent = 24;

    private long _memory;
    private long _impliedPaths;

    /// <summary>What an input has too much of when a request is refused, for messages.</summary>
    public static string Excess { get; } =
        $"there are more names, link targets, extended attributes and fragments than fit into the {MaximumMemory >> 20} MiB of memory that a tree may take";

    /// <summary>What an input has too much of when an implied directory is refused, for messages.</summary>
    public static string ImpliedExcess { get; } =
        $"the directories that are only implied by longer paths are too many: their paths add up to more than {MaximumImpliedPaths >> 20} MiB";

    /// <summary>Takes the memory of a name, an attribute or another item with <paramref name="bytes"/> of its own. False if the budget is exceeded.</summary>
    public bool TryTake(long bytes) => Interlocked.Add(ref _memory, MemoryPerName + bytes) <= MaximumMemory;

    /// <summary>Takes the memory of the map of a sparse file. False if the budget is exceeded.</summary>
    public bool TryTakeExtents(long count) => TryTake(MemoryPerExtent * count);

    /// <summary>Takes an implied directory with a path of <paramref name="pathLength"/> bytes. False if the budget is exceeded.</summary>
    public bool TryTakeImpliedDirectory(int pathLength) =>
        TryTake(MemoryPerImpliedDirectory) & Interlocked.Add(ref _impliedPaths, pathLength) <= MaximumImpliedPaths;
}
