using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Caching;

/// <summary>
/// A folder of the cache whose entries are created on demand and shared by all runs. Each entry is a directory with
/// some files and a record of their identities. It is created atomically, and created anew if it was altered.
/// </summary>
/// <remarks>A run that uses an entry holds a shared lock on its record. Removing the entry needs an exclusive lock.</remarks>
/// <param name="name">The folder's name.</param>
/// <param name="what">The entry in an error message: "The disk of a layer".</param>
/// <param name="isSound">
/// Whether the files in a directory still have the content that a key stands for. Called for an entry whose files have
/// other identities, for example in a copy of the cache or after a new mount of its file system. Null if the content
/// can't be checked.
/// </param>
internal sealed class EntryCache(Cache cache, string name, string what, Func<string, string, bool>? isSound = null)
{
    private const string UnfinishedPrefix = ".new-";

    /// <summary>Version of the entries' form. It changes when entries are stored differently.</summary>
    private const string Format = "1";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Path of the folder.</summary>
    public string Place { get; } = cache.PathOf(name);

    /// <summary>Returns the entry of <paramref name="key"/>; null if there is none, or if it was altered.</summary>
    public async Task<CachedEntry?> FindAsync(string key, CancellationToken cancellationToken)
    {
        var place = PlaceOf(key);
        if (CachedEntry.TryOpen(place) is { } known) return known;
        if (isSound is null || !Directory.Exists(place)) return null;
        try
        {
            using var mending = await LockAsync(place + ".lock", cancellationToken);
            return CachedEntry.TryOpen(place) ?? TryMend(place, key);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The cache can't be written.
            return null;
        }
    }

    /// <summary>
    /// Returns the entry of <paramref name="key"/>, creating it with <paramref name="write"/> if it is missing.
    /// Concurrent runs create an entry only once.
    /// </summary>
    /// <param name="key">Identifies the content of the entry; a valid file name.</param>
    /// <param name="write">Writes the entry's files to the given directory.</param>
    /// <exception cref="MachineException">The cache can't be written.</exception>
    public async Task<CachedEntry> GetAsync(string key, Func<string, Task> write, CancellationToken cancellationToken)
    {
        var place = PlaceOf(key);
        try
        {
            PrivateDirectory.Create(Place);
            if (CachedEntry.TryOpen(place) is { } known) return known;
            using var making = await LockAsync(place + ".lock", cancellationToken);
            // Another run may have created the entry while this run waited for the lock.
            return CachedEntry.TryOpen(place) ?? TryMend(place, key) ?? await MakeAsync(place, write);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UnusableDirectoryException(
                $"{what} can't be kept in {Place}: {HostTrouble.Reason(exception)}", exception, CacheSetting.Directory);
        }
    }

    private CachedEntry? TryMend(string place, string key) =>
        isSound is not null && Directory.Exists(place) && CachedEntry.TryRecord(place, () => isSound(place, key)) ? CachedEntry.TryOpen(place) : null;

    private string PlaceOf(string key) => Path.Combine(Place, $"{key}-{Format}");

    private async Task<CachedEntry> MakeAsync(string place, Func<string, Task> write)
    {
        using var scratch = ScratchDirectory.Create(Place, UnfinishedPrefix, CacheSetting.Directory);
        var made = scratch.NewPath("entry");
        PrivateDirectory.Create(made);
        await write(made);
        CachedEntry.Record(made);
        // The existing directory was altered, is being removed, or is no entry at all.
        if (HostEntry.Exists(place)) HostEntry.Move(place, scratch.NewPath("old"));
        Directory.Move(made, place);
        var entry = CachedEntry.TryOpen(place) ?? throw new IOException($"{place} was changed by another program as soon as it was written");
        CacheEntries.Prune(cache, out _);
        return entry;
    }

    // The lock file is never removed. After a removal, two runs could lock two files of the same name.
    private static async Task<FileStream> LockAsync(string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            // A directory or a socket can't be locked. It may be removed, because the cache belongs to the tool.
            if (HostEntry.Exists(path) && !RegularFile.Is(path)) HostEntry.Remove(path);
            try
            {
                return new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException exception) when (HostTrouble.IsLocked(exception))
            {
                await Task.Delay(Pause, cancellationToken);
            }
        }
    }
}
