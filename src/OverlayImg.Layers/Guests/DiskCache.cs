using OverlayImg.Caching;

namespace OverlayImg.Layers.Guests;

/// <summary>The disks of parent layers in the cache. All runs and all images share the disk of a layer.</summary>
internal sealed class DiskCache(Cache cache)
{
    /// <summary>The folder of the disks in the cache.</summary>
    public const string DirectoryName = CacheFolders.ParentDisks;

    private readonly EntryCache _entries = new(cache, DirectoryName, "The disk of a layer");

    /// <summary>
    /// Returns the disk of <paramref name="key"/>, creating it with <paramref name="write"/> if it is missing.
    /// Concurrent runs create a disk only once.
    /// </summary>
    /// <param name="key">Identifies the content of the disk; a valid file name.</param>
    /// <param name="write">Writes the disk to the given path.</param>
    /// <exception cref="MachineException">The cache can't be written.</exception>
    public async Task<CachedDisk> GetAsync(string key, Func<string, Task> write, CancellationToken cancellationToken) =>
        new(await _entries.GetAsync(key, directory => write(CachedDisk.DiskPathIn(directory)), cancellationToken));
}
