namespace OverlayImg.Builders;

/// <summary>A disk of the cache, held so that nobody removes it.</summary>
internal sealed class CachedDisk : IDisposable
{
    private const string DiskName = "disk.ext4";

    private readonly CachedEntry _entry;

    private CachedDisk(CachedEntry entry) => _entry = entry;

    /// <summary>The disk image; only to be read.</summary>
    public string Path => _entry.PathOf(DiskName);

    /// <summary>Where the disk is in its directory.</summary>
    public static string DiskPathIn(string directory) => System.IO.Path.Combine(directory, DiskName);

    /// <summary>Opens the disk in <paramref name="directory"/>; null where there is none, or one that is not as it was written.</summary>
    public static CachedDisk? TryOpen(string directory) => CachedEntry.TryOpen(directory) is { } entry ? new(entry) : null;

    /// <inheritdoc/>
    public void Dispose() => _entry.Dispose();
}
