using System.Security.Cryptography;
using System.Text;
using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Caching;

/// <summary>
/// What was found out about files of the host by reading all of them, remembered in the cache, so that they are not read again as long as they are the same.
/// </summary>
/// <remarks>
/// Why a file need not be read again: what is remembered belongs to its identity (<see cref="FileIdentity"/>), which has the time when its inode last
/// changed. The kernel sets that time at every write, and no call sets it to another: a file of the same identity was not written to since it was read. The
/// one gap is a write in the same tick of the kernel's clock as the one before; so nothing is remembered of a file that changed within two seconds before
/// it was read, nor of one that has another identity when it was read than it had before. Who can write to the raw disk, set the clock of the machine or
/// write to this cache can deceive it: all of them could replace the tool as well.
/// </remarks>
internal sealed class FileMemory
{
    // One fact is a few kilobytes at most; what was remembered longest ago goes first.
    private const int MaximumCount = 256;
    private const int MaximumLength = 1 << 20;
    // Of blobs there are many, with a line for each: they have a place of their own, where they crowd nobody out.
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

    private string Place => Path.Combine(_directory, _name);

    /// <summary>Forgets everything.</summary>
    public static void Clear(Cache cache)
    {
        foreach (var name in new[] { FileDirectory, BlobDirectory })
        {
            var directory = new DirectoryInfo(cache.PathOf(name));
            foreach (var file in directory.Exists ? directory.GetFiles() : []) file.Delete();
        }
    }

    /// <summary>The memory of files as they are now: to be made before they are read.</summary>
    /// <param name="cache">The cache that holds the fact.</param>
    /// <param name="question">The name of the remembered fact and what the fact depends on, beside the files. Several facts of the same files can be remembered.</param>
    /// <param name="paths">The files. Of what is no file, and of one that is being changed, nothing is ever remembered.</param>
    public static FileMemory Of(Cache cache, IReadOnlyList<string> question, params string[] paths) =>
        Of(cache, question, TimeProvider.System, paths);

    /// <summary>The same by another clock than the system's.</summary>
    public static FileMemory Of(Cache cache, IReadOnlyList<string> question, TimeProvider clock, params string[] paths) =>
        new(cache.PathOf(FileDirectory), MaximumCount, question, clock, paths);

    /// <summary>The memory of a blob, which has its digest whatever becomes of files.</summary>
    /// <param name="cache">The cache that holds the fact.</param>
    /// <param name="question">The name of the remembered fact and what the fact depends on, with the digest of the blob.</param>
    public static FileMemory OfBlob(Cache cache, params IReadOnlyList<string> question) =>
        new(cache.PathOf(BlobDirectory), MaximumBlobCount, question, TimeProvider.System, []);

    /// <summary>What is known; null for nothing, and if the files are no longer those that they were when this was made.</summary>
    public string? Recall()
    {
        if (_identity is null || Identity() != _identity) return null;
        try
        {
            var file = new FileInfo(Place);
            if (!RegularFile.Is(Place) || file.Length > MaximumLength) return null;
            var text = File.ReadAllText(Place);
            var end = text.IndexOf('\n', StringComparison.Ordinal);
            return end >= 0 && text[..end] == DigestOf(text[(end + 1)..]) ? text[(end + 1)..] : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Remembers it, if the files are still those that they were when this was made. Where the cache can't be written it is found out again.</summary>
    public void Remember(string text)
    {
        if (_identity is null || Identity() != _identity) return;
        var temporary = Path.Combine(_directory, $".new-{Path.GetRandomFileName()}");
        try
        {
            PrivateDirectory.Create(_directory);
            File.WriteAllText(temporary, $"{DigestOf(text)}\n{text}");
            if (HostEntry.Exists(Place) && !RegularFile.Is(Place)) HostEntry.Remove(Place);
            File.Move(temporary, Place, overwrite: true);
            Forget();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            File.Delete(temporary);
        }
    }

    // Leftovers of killed runs are the oldest one day.
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
