namespace OverlayImg.Caching;

/// <summary>Something that the cache keeps.</summary>
/// <param name="Kind">
/// "disk" (a parent layer's), "snapshot" (a guest at READY), "result" (the layer of a run that may be reused), "blob" (of a registry) or "mount" (the disk of a
/// cache mount).
/// </param>
/// <param name="Name">Its name in the cache: for a disk, the layer's diff ID in front.</param>
/// <param name="Size">Bytes that it takes.</param>
/// <param name="LastUsed">When a run used it last.</param>
/// <param name="Path">The directory that it is in.</param>
public sealed record CacheEntry(string Kind, string Name, long Size, DateTimeOffset LastUsed, string Path);
