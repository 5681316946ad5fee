using OverlayImg.FileSystems;

namespace OverlayImg.Builders;

/// <summary>A disk of the cache, held so that nobody removes it.</summary>
internal sealed class CachedDisk : IDisposable
{
    private readonly FileStream _record;

    private CachedDisk(string path, FileStream record) => (Path, _record) = (path, record);

    /// <summary>The disk image; only to be read.</summary>
    public string Path { get; }

    /// <summary>Where the disk is in its directory.</summary>
    public static string DiskPathIn(string directory) => System.IO.Path.Combine(directory, "disk.ext4");

    /// <summary>Where the record is.</summary>
    public static string RecordPathIn(string directory) => System.IO.Path.Combine(directory, "record");

    /// <summary>Opens the disk in <paramref name="directory"/>; null where there is none, or one that is not as it was written.</summary>
    public static CachedDisk? TryOpen(string directory)
    {
        FileStream record;
        try
        {
            // Shared: the kernel's lock goes with this process, however it ends.
            record = new(RecordPathIn(directory), FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (IOException)
        {
            // Locked by whoever removes it.
            return null;
        }

        var disk = DiskPathIn(directory);
        using var reader = new StreamReader(record, leaveOpen: true);
        if (FileIdentity.Of(disk) is not { } identity || reader.ReadToEnd() != identity)
        {
            record.Dispose();
            return null;
        }

        CacheEntries.Touch(directory);
        return new(disk, record);
    }

    /// <summary>Records that the disk in <paramref name="directory"/> is as it shall be.</summary>
    public static void Record(string directory) => File.WriteAllText(RecordPathIn(directory), FileIdentity.Of(DiskPathIn(directory)));

    /// <inheritdoc/>
    public void Dispose() => _record.Dispose();
}
