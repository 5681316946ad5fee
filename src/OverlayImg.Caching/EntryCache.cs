using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Caching;

/// <summary>
/// A folder of the cache whose entries are made when they are first asked for, and shared by all runs. Each is a directory with some files and a record of their
/// identities; it appears whole or not at all, and what is not exactly what was written is made anew.
/// </summary>
/// <remarks>Who uses an entry holds a shared lock on its record; who would remove it must get an exclusive one.</remarks>
/// <param name="cache">The cache.</param>
/// <param name="name">The folder's name.</param>
/// <param name="what">What can't be kept, for a message: "the disk of a layer".</param>
/// <param name="isSound">
/// Whether an entry whose files have other identities still is what its key says: as one is that came with a copy of the cache, or after its file system was mounted anew.
/// Null where that can't be told.
/// </param>
internal sealed class EntryCache(Cache cache, string name, string what, Func<string, string, bool>? isSound = null)
{
    private const string UnfinishedPrefix = ".new-";

    /// <summary>Changes when entries are kept in another way.</summary>
    private const string Format = "1";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Where the entries are.</summary>
    public string Place { get; } = cache.PathOf(name);

    /// <summary>The entry of <paramref name="key"/> where it is there; null where it is not, or not as it was written.</summary>
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
            // A cache that can't be written.
            return null;
        }
    }

    /// <summary>The entry of <paramref name="key"/>, made by <paramref name="write"/> where it is not there. Two runs that want it at once make it once.</summary>
    /// <param name="key">What the entry holds: a name that can be a file's.</param>
    /// <param name="write">Writes the entry's files into the directory that it is given.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="MachineException">The cache can't be written.</exception>
    public async Task<CachedEntry> GetAsync(string key, Func<string, Task> write, CancellationToken cancellationToken)
    {
        var place = PlaceOf(key);
        try
        {
            PrivateDirectory.Create(Place);
            if (CachedEntry.TryOpen(place) is { } known) return known;
            using var making = await LockAsync(place + ".lock", cancellationToken);
            // Made meanwhile by whoever had the lock before.
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
        // What lies there was found wanting, is being removed, or is no entry at all.
        if (HostEntry.Exists(place)) HostEntry.Move(place, scratch.NewPath("old"));
        Directory.Move(made, place);
        var entry = CachedEntry.TryOpen(place) ?? throw new IOException($"{place} was changed by another program as soon as it was written");
        CacheEntries.Prune(cache, out _);
        return entry;
    }

    // The lock file stays: if it were removed, two could hold a lock of the same name.
    private static async Task<FileStream> LockAsync(string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            // A directory or a socket can't be locked, and the cache is the tool's own.
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
