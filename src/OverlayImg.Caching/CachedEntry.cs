using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Caching;

/// <summary>
/// A directory of the cache with some files and a record of their identities. A shared lock on the record keeps the
/// entry from being removed until this object is disposed of; removing needs an exclusive lock.
/// </summary>
internal sealed class CachedEntry : IDisposable
{
    private const string RecordName = "record";

    private readonly string _directory;
    private readonly FileStream _record;

    private CachedEntry(string directory, FileStream record) => (_directory, _record) = (directory, record);

    /// <summary>Returns the path of the record.</summary>
    public static string RecordPathIn(string directory) => Path.Combine(directory, RecordName);

    /// <summary>Returns the path of one of the entry's files, which must not be written.</summary>
    public string PathOf(string name) => Path.Combine(_directory, name);

    /// <summary>Opens the entry in <paramref name="directory"/>; null if there is none, or if it was altered.</summary>
    public static CachedEntry? TryOpen(string directory)
    {
        FileStream record;
        // Opening a named pipe would block until it has a writer.
        if (!RegularFile.Is(RecordPathIn(directory))) return null;
        try
        {
            // A shared lock. The kernel releases it when this process ends, however it ends.
            record = new(RecordPathIn(directory), FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The record does not exist, belongs to another user, or is locked for removal.
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

    /// <summary>Records the identities of the files in <paramref name="directory"/>.</summary>
    public static void Record(string directory) => File.WriteAllText(RecordPathIn(directory), Identities(directory));

    /// <summary>Records the identities again, if <paramref name="isSound"/> accepts the files and they do not change meanwhile.</summary>
    /// <returns>Whether the identities were recorded.</returns>
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
            // The entry was removed meanwhile, or can't be written.
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
