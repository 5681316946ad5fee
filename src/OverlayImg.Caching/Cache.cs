namespace OverlayImg.Caching;

/// <summary>The cache, which keeps data for later runs.</summary>
/// <param name="Directory">Absolute path. The first entry creates the directory.</param>
/// <param name="Limit">
/// Bytes that the entries may take on the disk. Storing an entry removes the least recently used ones beyond the limit.
/// </param>
public sealed record Cache(string Directory, long Limit = CacheEntries.DefaultLimit)
{
    /// <summary>Returns the path of a folder of the cache.</summary>
    internal string PathOf(string name) => Path.Combine(Directory, name);
}
