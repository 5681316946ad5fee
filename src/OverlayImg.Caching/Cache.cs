namespace OverlayImg.Caching;

/// <summary>The cache: what later runs can use.</summary>
/// <param name="Directory">Absolute path. The first entry creates it.</param>
/// <param name="Limit">Bytes that the entries may take on the disk. Keeping an entry removes those that were used least recently.</param>
public sealed record Cache(string Directory, long Limit = CacheEntries.DefaultLimit)
{
    /// <summary>A directory of the cache.</summary>
    internal string PathOf(string name) => Path.Combine(Directory, name);
}
