using OverlayImg.Caching;

namespace OverlayImg.Layers.Guests;

/// <summary>A disk of the cache, held so that nobody removes it.</summary>
/// <param name="entry">Where it lies; disposed of with this.</param>
internal sealed class CachedDisk(CachedEntry entry) : IDisposable
{
    private const string DiskName = "disk.ext4";

    /// <summary>The disk image; only to be read.</summary>
    public string Path => entry.PathOf(DiskName);

    /// <summary>Where the disk is in its directory.</summary>
    public static string DiskPathIn(string directory) => System.IO.Path.Combine(directory, DiskName);

    /// <inheritdoc/>
    public void Dispose() => entry.Dispose();
}
