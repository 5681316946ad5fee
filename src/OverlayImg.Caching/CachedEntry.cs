using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Caching;

/// <summary>
/// A directory of the cache with some files and a record of their identities, held so that nobody removes it. Who uses it holds a shared lock on the
/// record; who would remove it must get an exclusive one.
/// </summary>
internal sealed class CachedEntry : IDisposable
{
    private const string RecordName = "record";

    private readonly string _directory;
    private readonly FileStream _record;

    private CachedEntry(string directory, FileStream record) => (_directory, _record) = (directory, record);

    /// <summary>Where the record is.</summary>
    public static string RecordPathIn(string directory) => Path.Combine(directory, RecordName);

    /// <summary>One of its files; only to be read.</summary>
    public string PathOf(string name) => Path.Combine(_directory, name);

    /// <summary>Opens the entry in <paramref name="directory"/>; null where there is none, or one that is not as it was written.</summary>
    public static CachedEntry? TryOpen(string directory)
    {
        FileStream record;
        // Opening a pipe would wait for its writer.
        if (!RegularFile.Is(RecordPathIn(directory))) return null;
        try
        {
            // Shared: the kernel's lock goes with this process, however it ends.
            record = new(RecordPathIn(directory), FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Not there, another user's, or locked by whoever removes it.
            return null;
        }

        using var reader = new StreamReader(record, leaveOpen: true);
        if (reader.ReadToEnd() != Identities(directory))
        {
            record.Dispose();
            return null;
        }

        CacheEntries.Touch(directory);
        return new(directory, record);
    }

    /// <summary>Records that the files in <paramref name="directory"/> are as they shall be.</summary>
    public static void Record(string directory) => File.WriteAllText(RecordPathIn(directory), Identities(directory));

    /// <summary>Records it anew, if what is there is sound and stays the same while that is found out.</summary>
    /// <returns>Whether it was recorded.</returns>
    public static bool TryRecord(string directory, Func<bool> isSound)
    {
        try
        {
            var identities = Identities(directory);
            if (!isSound() || Identities(directory) != identities) return false;
            File.WriteAllText(RecordPathIn(directory), identities);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Removed meanwhile, or not to be written.
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _record.Dispose();

    private static string Identities(string directory)
    {
        var names = Directory.EnumerateFileSystemEntries(directory).Select(path => Path.GetFileName(path)).Where(name => name != RecordName);
        return string.Concat(names.Order(StringComparer.Ordinal).Select(name => $"{name} {FileIdentity.Of(Path.Combine(directory, name))}\n"));
    }
}
