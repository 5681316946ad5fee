using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Caching;

/// <summary>What is in a cache, and what has to go.</summary>
public static class CacheEntries
{
    /// <summary>How many bytes a cache takes where nobody says otherwise: a dozen base images of a gigabyte.</summary>
    public const long DefaultLimit = 10L << 30;

    // Not the name that entries have while they are made: directories of this one are taken for leftovers of removals.
    private const string RemovalPrefix = ".old-";

    private static readonly (string Kind, string Directory)[] Kinds =
    [
        ("disk", CacheFolders.ParentDisks), ("snapshot", CacheFolders.Snapshots), ("result", CacheFolders.Results), ("blob", CacheFolders.Blobs),
        ("mount", CacheFolders.CacheMounts),
    ];

    /// <summary>The entries of the cache, in the order of their last use, the latest first.</summary>
    public static IReadOnlyList<CacheEntry> List(Cache cache) =>
    [
        .. Kinds.SelectMany(kind => In(kind.Kind, cache.PathOf(kind.Directory)))
            .OrderByDescending(entry => entry.LastUsed).ThenBy(entry => entry.Name, StringComparer.Ordinal),
    ];

    /// <summary>Removes what was used least recently until no more than the cache's limit is left, and with a limit of 0 what is known of files, too. What a run uses stays.</summary>
    /// <returns>What was removed.</returns>
    /// <exception cref="UnusableDirectoryException">The cache can't be written.</exception>
    public static IReadOnlyList<CacheEntry> Prune(Cache cache)
    {
        try
        {
            var removed = Prune(cache, out var refusal);
            return refusal is null ? removed : throw refusal;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CantBeWritten(cache.Directory, exception);
        }
    }

    /// <summary>Prunes after a run has kept an entry. An entry that can't be removed does not make the run fail.</summary>
    /// <param name="cache">The cache.</param>
    /// <param name="refusal">Why an entry could not be removed; null where none was refused.</param>
    internal static IReadOnlyList<CacheEntry> Prune(Cache cache, out UnusableDirectoryException? refusal)
    {
        refusal = null;
        if (cache.Limit == 0) FileMemory.Clear(cache);
        var entries = List(cache);
        var size = entries.Sum(entry => entry.Size);
        var removed = new List<CacheEntry>();
        foreach (var entry in entries.Reverse())
        {
            if (size <= cache.Limit) break;
            try
            {
                if (!TryRemove(entry.Path)) continue;
            }
            catch (UnusableDirectoryException exception)
            {
                refusal ??= exception;
                continue;
            }

            size -= entry.Size;
            removed.Add(entry);
        }

        return removed;
    }

    /// <summary>Notes that an entry is used now.</summary>
    internal static void Touch(string directory)
    {
        try
        {
            Directory.SetLastWriteTimeUtc(directory, DateTime.UtcNow);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A cache that can be read and not written is of use, too; its order of use matters to nobody then.
            return;
        }
    }

    /// <summary>Removes an entry, unless a run uses it.</summary>
    /// <returns>Whether it was removed; false also where another run has removed it.</returns>
    /// <exception cref="UnusableDirectoryException">The cache can't be written.</exception>
    internal static bool TryRemove(string directory)
    {
        try
        {
            // A snapshot has no record: whoever reads it has it open, and goes on.
            var record = CachedEntry.RecordPathIn(directory);
            using var held = RegularFile.Is(record) ? new FileStream(record, FileMode.Open, FileAccess.Read, FileShare.None) : null;
            using var scratch = ScratchDirectory.Create(Path.GetDirectoryName(directory)!, RemovalPrefix, CacheSetting.Directory);
            HostEntry.Move(directory, scratch.NewPath("old"));
            return true;
        }
        catch (IOException exception) when (HostTrouble.IsLocked(exception) || !HostEntry.Exists(directory))
        {
            return false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CantBeWritten(directory, exception);
        }
    }

    private static UnusableDirectoryException CantBeWritten(string directory, Exception exception) =>
        new($"{directory} can't be removed from the cache: {HostTrouble.Reason(exception)}", exception, CacheSetting.Directory);

    private static IEnumerable<CacheEntry> In(string kind, string directory)
    {
        if (!Directory.Exists(directory)) yield break;
        foreach (var entry in new DirectoryInfo(directory).EnumerateDirectories().Where(entry => !entry.Name.StartsWith('.')))
            yield return new(kind, entry.Name, SizeOf(entry), entry.LastWriteTimeUtc, entry.FullName);
    }

    // What the entry takes of the disk: a guest's memory is mostly holes. Another run may remove it at this moment.
    private static long SizeOf(DirectoryInfo entry)
    {
        try
        {
            return entry.EnumerateFiles().Sum(file => SparseFile.AllocatedBytes(file.FullName));
        }
        catch (DirectoryNotFoundException)
        {
            return 0;
        }
    }
}
