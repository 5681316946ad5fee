using OverlayImg.Caching;

namespace OverlayImg.Layers.Guests;

/// <summary>A disk image in the cache. A lock keeps the disk image from being removed until this object is disposed of.</summary>
/// <param name="entry">The cache entry of the disk; owned by this object.</param>
internal sealed class CachedDisk(CachedEntry entry) : IDisposable
{
    private const string DiskName = "disk.ext4";

    /// <summary>Path of the disk image, which must not be written.</summary>
    public string Path => entry.PathOf(DiskName);

    /// <summary>Returns the path of the disk image in the directory of a cache entry.</summary>
    public static string DiskPathIn(string directory) => System.IO.Path.Combine(directory, DiskName);

    /// <inheritdoc/>
    public void Dispose() => entry.Dispose();
}
