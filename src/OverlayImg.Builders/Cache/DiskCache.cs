using OverlayImg.FileSystems;

namespace OverlayImg.Builders;

/// <summary>
/// The disks of parent layers in the cache, shared by all runs and all images that have the layer. Each is a directory with the disk and a record of
/// the disk's identity; it appears whole or not at all, and what is not exactly what was written is made anew.
/// </summary>
/// <remarks>Who uses a disk holds a shared lock on its record; who would remove it must get an exclusive one.</remarks>
/// <param name="cacheDirectory">The cache.</param>
/// <param name="limit">Bytes that the cache may take: what was used least recently goes when a new disk is kept.</param>
internal sealed class DiskCache(string cacheDirectory, long limit)
{
    private const string UnfinishedPrefix = ".new-";

    /// <summary>Changes when disks are written in another way, or for a guest that expects another.</summary>
    private const string Format = "1";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Where the disks of a cache are.</summary>
    public static string PlaceIn(string cacheDirectory) => Path.Combine(cacheDirectory, "disks");

    /// <summary>The disk of <paramref name="key"/>, made by <paramref name="write"/> where it is not there. Two runs that want it at once make it once.</summary>
    /// <param name="key">What the disk holds: a name that can be a file's.</param>
    /// <param name="write">Writes the disk to the path that it is given.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="MachineException">The cache can't be written.</exception>
    public async Task<CachedDisk> GetAsync(string key, Func<string, Task> write, CancellationToken cancellationToken)
    {
        var place = Path.Combine(PlaceIn(cacheDirectory), $"{key}-{Format}");
        try
        {
            Directory.CreateDirectory(PlaceIn(cacheDirectory), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            if (CachedDisk.TryOpen(place) is { } known) return known;
            using var making = await LockAsync(place + ".lock", cancellationToken);
            // Made meanwhile by whoever had the lock before.
            return CachedDisk.TryOpen(place) ?? await MakeAsync(place, write);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new MachineException($"The disk of a layer can't be kept in {PlaceIn(cacheDirectory)}: {exception.Message}", exception)
            {
                Advice = "Free some space there, or choose another place with --cache-dir.",
            };
        }
    }

    private async Task<CachedDisk> MakeAsync(string place, Func<string, Task> write)
    {
        using var scratch = ScratchDirectory.Create(PlaceIn(cacheDirectory), UnfinishedPrefix);
        var made = scratch.NewPath("disk");
        Directory.CreateDirectory(made);
        await write(CachedDisk.DiskPathIn(made));
        CachedEntry.Record(made);
        // What lies there was found wanting, or is being removed.
        if (Directory.Exists(place)) Directory.Move(place, scratch.NewPath("old"));
        Directory.Move(made, place);
        var disk = CachedDisk.TryOpen(place) ?? throw new IOException($"{place} was changed by another program as soon as it was written");
        CacheEntries.Prune(cacheDirectory, limit);
        return disk;
    }

    // The lock file stays: if it were removed, two could hold a lock of the same name.
    private static async Task<FileStream> LockAsync(string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                await Task.Delay(Pause, cancellationToken);
            }
        }
    }
}
