namespace OverlayImg.Caching;

/// <summary>An entry of the cache.</summary>
/// <param name="Kind">
/// "disk" (of a parent layer), "snapshot" (of a guest at READY), "result" (the layer of a run, for reuse), "blob" (of a
/// registry) or "mount" (the disk of a cache mount).
/// </param>
/// <param name="Name">Name in the cache. A disk's name starts with the diff ID of its layer.</param>
/// <param name="Size">Bytes on the disk, without holes.</param>
/// <param name="LastUsed">Time of the last use by a run.</param>
/// <param name="Path">Path of the entry's directory.</param>
public sealed record CacheEntry(string Kind, string Name, long Size, DateTimeOffset LastUsed, string Path);
