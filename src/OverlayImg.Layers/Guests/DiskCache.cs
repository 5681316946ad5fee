using OverlayImg.Caching;

namespace OverlayImg.Layers.Guests;

/// <summary>The disks of parent layers in the cache, shared by all runs and all images that have the layer.</summary>
/// <param name="cache">The cache.</param>
internal sealed class DiskCache(Cache cache)
{
    /// <summary>Where the disks of a cache are in it.</summary>
    public const string DirectoryName = CacheFolders.ParentDisks;

    private readonly EntryCache _entries = new(cache, DirectoryName, "The disk of a layer");

    /// <summary>The disk of <paramref name="key"/>, made by <paramref name="write"/> where it is not there. Two runs that want it at once make it once.</summary>
    /// <param name="key">What the disk holds: a name that can be a file's.</param>
    /// <param name="write">Writes the disk to the path that it is given.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="MachineException">The cache can't be written.</exception>
    public async Task<CachedDisk> GetAsync(string key, Func<string, Task> write, CancellationToken cancellationToken) =>
        new(await _entries.GetAsync(key, directory => write(CachedDisk.DiskPathIn(directory)), cancellationToken));
}
