using System.Security.Cryptography;
using System.Text;
using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Caching;

/// <summary>A fact that was found by reading files of the host. The cache remembers it, so unchanged files are not read again.</summary>
/// <remarks>
/// A fact belongs to the identity of its files (<see cref="FileIdentity"/>), which includes the time of the inode's
/// last change (ctime). The kernel sets this time at every write, and no system call sets it to another value: a file
/// with the same identity was not written since it was read. The only gap is a second write in the same tick of the
/// kernel's clock. Nothing is therefore remembered of a file that changed within two seconds before it was read, or
/// whose identity changed while it was read. A user who can write to the raw disk or to this cache, or set the machine's
/// clock, can deceive the memory, but could replace the tool as well.
/// </remarks>
internal sealed class FileMemory
{
    // A fact has a few kilobytes at most. The oldest facts are removed first.
    private const int MaximumCount = 256;
    private const int MaximumLength = 1 << 20;
    // Blobs have many facts of one line. Their own folder keeps them from displacing other facts.
    private const int MaximumBlobCount = 4096;
    private const string FileDirectory = "known";
    private const string BlobDirectory = "known-blobs";

    private readonly string _directory;
    private readonly int _maximumCount;
    private readonly string[] _paths;
    private readonly TimeProvider _clock;
    private readonly string? _identity;
    private readonly string _name;

    private FileMemory(string directory, int maximumCount, IReadOnlyList<string> question, TimeProvider clock, string[] paths)
    {
        (_directory, _maximumCount, _paths, _clock) = (directory, maximumCount, paths, clock);
        _identity = Identity();
        _name = NameOf([.. question, _identity ?? ""]);
    }

    private string FactPath => Path.Combine(_directory, _name);

    /// <summary>Removes all facts from the cache.</summary>
    public static void Clear(Cache cache)
    {
        foreach (var name in new[] { FileDirectory, BlobDirectory })
        {
            var directory = new DirectoryInfo(cache.PathOf(name));
            foreach (var file in directory.Exists ? directory.GetFiles() : []) file.Delete();
        }
    }

    /// <summary>Creates the memory of files in their present state. Must be called before the files are read.</summary>
    /// <param name="question">The name of the fact, and what it depends on besides the files. Files may have several facts.</param>
    /// <param name="paths">Paths of the files. Nothing is remembered if one of them is no regular file or is being changed.</param>
    public static FileMemory Of(Cache cache, IReadOnlyList<string> question, params string[] paths) =>
        Of(cache, question, TimeProvider.System, paths);

    /// <summary>Creates the memory with a clock other than the system's.</summary>
    public static FileMemory Of(Cache cache, IReadOnlyList<string> question, TimeProvider clock, params string[] paths) =>
        new(cache.PathOf(FileDirectory), MaximumCount, question, clock, paths);

    /// <summary>Creates the memory of a blob, which is identified by its digest and not by a file.</summary>
    /// <param name="question">The name of the fact, and what it depends on, including the blob's digest.</param>
    public static FileMemory OfBlob(Cache cache, params IReadOnlyList<string> question) =>
        new(cache.PathOf(BlobDirectory), MaximumBlobCount, question, TimeProvider.System, []);

    /// <summary>Returns the fact; null if none is remembered, or if the files have changed since this object was created.</summary>
    public string? Recall()
    {
        if (_identity is null || Identity() != _identity) return null;
        try
        {
            var file = new FileInfo(FactPath);
            if (!RegularFile.Is(FactPath) || file.Length > MaximumLength) return null;
            var text = File.ReadAllText(FactPath);
            var end = text.IndexOf('\n', StringComparison.Ordinal);
            return end >= 0 && text[..end] == DigestOf(text[(end + 1)..]) ? text[(end + 1)..] : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Remembers the fact, unless the files have changed since this object was created, or the cache can't be written.</summary>
    public void Remember(string text)
    {
        if (_identity is null || Identity() != _identity) return;
        var temporary = Path.Combine(_directory, $".new-{Path.GetRandomFileName()}");
        try
        {
            PrivateDirectory.Create(_directory);
            File.WriteAllText(temporary, $"{DigestOf(text)}\n{text}");
            if (HostEntry.Exists(FactPath) && !RegularFile.Is(FactPath)) HostEntry.Remove(FactPath);
            File.Move(temporary, FactPath, overwrite: true);
            Forget();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            File.Delete(temporary);
        }
    }

    // This also removes leftovers of killed runs, when they are the oldest files.
    private void Forget()
    {
        var files = new DirectoryInfo(_directory).GetFiles();
        if (files.Length <= _maximumCount) return;
        foreach (var file in files.OrderByDescending(file => file.LastWriteTimeUtc).Skip(_maximumCount)) file.Delete();
    }

    private static string NameOf(IEnumerable<string> question)
    {
        using var hash = new CanonicalHash();
        foreach (var part in question) hash.Add(part);
        return Convert.ToHexStringLower(hash.Complete());
    }

    private static string DigestOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private string? Identity()
    {
        var identities = Array.ConvertAll(_paths, path => FileIdentity.OfSettled(path, _clock));
        return Array.Exists(identities, identity => identity is null) ? null : string.Join('\n', identities);
    }
}
