using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Caching;

/// <summary>
/// A folder of the cache whose entries are created on demand and shared by all runs. Each entry is a directory with
/// some files and a record of their identities. The entry is created atomically. An altered entry is created again.
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
    public string Folder { get; } = cache.PathOf(name);

    /// <summary>Returns the entry of <paramref name="key"/>; null if there is none, or if it was altered.</summary>
    public async Task<CachedEntry?> FindAsync(string key, CancellationToken cancellationToken)
    {
        var directory = EntryPath(key);
        if (CachedEntry.TryOpen(directory) is { } known) return known;
        if (isSound is null || !Directory.Exists(directory)) return null;
        try
        {
            using var mending = await LockAsync(directory + ".lock", cancellationToken);
            return CachedEntry.TryOpen(directory) ?? TryMend(directory, key);
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
        var directory = EntryPath(key);
        try
        {
            PrivateDirectory.Create(Folder);
            if (CachedEntry.TryOpen(directory) is { } known) return known;
            using var making = await LockAsync(directory + ".lock", cancellationToken);
            // Another run may have created the entry while this run waited for the lock.
            return CachedEntry.TryOpen(directory) ?? TryMend(directory, key) ?? await MakeAsync(directory, write);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UnusableDirectoryException(
                $"{what} can't be kept in {Folder}: {HostTrouble.Reason(exception)}", exception, CacheSetting.Directory);
        }
    }

    private CachedEntry? TryMend(string directory, string key) =>
        isSound is not null && Directory.Exists(directory) && CachedEntry.TryRecord(directory, () => isSound(directory, key))
            ? CachedEntry.TryOpen(directory) : null;

    private string EntryPath(string key) => Path.Combine(Folder, $"{key}-{Format}");

    private async Task<CachedEntry> MakeAsync(string directory, Func<string, Task> write)
    {
        using var scratch = ScratchDirectory.Create(Folder, UnfinishedPrefix, CacheSetting.Directory);
        var made = scratch.NewPath("entry");
        PrivateDirectory.Create(made);
        await write(made);
        CachedEntry.Record(made);
        // The existing directory was altered, is being removed, or is no entry at all.
        if (HostEntry.Exists(directory)) HostEntry.Move(directory, scratch.NewPath("old"));
        Directory.Move(made, directory);
        var entry = CachedEntry.TryOpen(directory) ?? throw new IOException($"{directory} was changed by another program as soon as it was written");
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
