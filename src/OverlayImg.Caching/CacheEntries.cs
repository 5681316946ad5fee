using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Caching;

/// <summary>Lists and removes the entries of a cache.</summary>
public static class CacheEntries
{
    /// <summary>Default limit in bytes: about a dozen base images of a gigabyte.</summary>
    public const long DefaultLimit = 10L << 30;

    // Entries that are being created have another prefix. Directories with this prefix are leftovers of removals.
    private const string RemovalPrefix = ".old-";

    private static readonly (string Kind, string Directory)[] Kinds =
    [
        ("disk", CacheFolders.ParentDisks), ("snapshot", CacheFolders.Snapshots), ("result", CacheFolders.Results), ("blob", CacheFolders.Blobs),
        ("mount", CacheFolders.CacheMounts),
    ];

    /// <summary>Returns the entries of a cache, the most recently used first.</summary>
    public static IReadOnlyList<CacheEntry> List(Cache cache) =>
    [
        .. Kinds.SelectMany(kind => In(kind.Kind, cache.PathOf(kind.Directory)))
            .OrderByDescending(entry => entry.LastUsed).ThenBy(entry => entry.Name, StringComparer.Ordinal),
    ];

    /// <summary>
    /// Removes the least recently used entries beyond the cache's limit, and with a limit of 0 also the facts about
    /// files. An entry that a run uses is kept.
    /// </summary>
    /// <returns>The removed entries.</returns>
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

    /// <summary>Prunes the cache after a run has stored an entry. An entry that can't be removed does not make the run fail.</summary>
    /// <param name="refusal">Why an entry could not be removed; null if there is no such entry.</param>
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

    /// <summary>Records that an entry is used now.</summary>
    internal static void Touch(string directory)
    {
        try
        {
            Directory.SetLastWriteTimeUtc(directory, DateTime.UtcNow);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A cache that can't be written is still useful. Nothing is removed from it, so its order of use does not matter.
            return;
        }
    }

    /// <summary>Removes an entry, unless a run uses it.</summary>
    /// <returns>Whether this call removed the entry; false also if another run has removed it.</returns>
    /// <exception cref="UnusableDirectoryException">The cache can't be written.</exception>
    internal static bool TryRemove(string directory)
    {
        try
        {
            // A snapshot has no record to lock. A run that restores it has its files open and can finish.
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

    // Only allocated bytes count: a guest's memory is mostly holes. Another run may be removing the entry.
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
