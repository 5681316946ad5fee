using System.Collections.Concurrent;
using System.Globalization;

namespace OverlayImg.FileSystems.HostDirectory;

/// <summary>
/// The temporary files of one run: a private directory (0700) below a common parent, locked while its process lives. A run that was
/// killed leaves its directory behind without the lock; the next run that opens one in the same parent removes it.
/// </summary>
public sealed class ScratchDirectory : IDisposable
{
    private const string LockName = "lock";

    // A directory whose owner never disposes of it, because the process ends in another way, is removed with the process.
    private static readonly ConcurrentDictionary<ScratchDirectory, object?> Live = new();

    private readonly FileStream _lock;
    private int _next;

    private ScratchDirectory(string path, FileStream lockFile)
    {
        (Path, _lock) = (path, lockFile);
        Live[this] = null;
    }

    /// <summary>Absolute path of the directory.</summary>
    public string Path { get; }

    /// <summary>Makes a directory of its own below <paramref name="parent"/>, and removes what killed runs left there.</summary>
    /// <param name="parent">Made where it does not exist.</param>
    /// <param name="prefix">What the directory's name begins with; only directories of the same prefix are taken for leftovers.</param>
    /// <param name="setting">The setting that names another parent, for advice; null where none does.</param>
    /// <exception cref="UnusableDirectoryException">The parent can't be made or written.</exception>
    public static ScratchDirectory Create(string parent, string prefix = "run-", Setting? setting = null)
    {
        parent = System.IO.Path.GetFullPath(parent);
        try
        {
            PrivateDirectory.Create(parent);
            RemoveAbandoned(parent, prefix);
            return Make(System.IO.Path.Combine(parent, prefix + System.IO.Path.GetRandomFileName()));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UnusableDirectoryException(
                $"No temporary directory can be made in {parent}: {HostTrouble.Reason(exception)}", exception, setting);
        }
    }

    /// <summary>Removes every directory of this process that nobody has disposed of: for the end of the process.</summary>
    public static void RemoveAll()
    {
        foreach (var scratch in Live.Keys)
        {
            try
            {
                scratch.Dispose();
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Something still writes to it. The next run that opens a directory in the same parent removes it.
                continue;
            }
        }
    }

    /// <summary>A path in the directory that nothing has yet.</summary>
    public string NewPath(string name) =>
        System.IO.Path.Combine(Path, string.Create(CultureInfo.InvariantCulture, $"{Interlocked.Increment(ref _next)}-{name}"));

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!Live.TryRemove(this, out _)) return;
        HostRemoval.Remove(Path);
        _lock.Dispose();
    }

    // The directory gets its final name, which the clean-up of other runs looks for, only when it is locked.
    private static ScratchDirectory Make(string path)
    {
        var preparing = path + ".new";
        PrivateDirectory.Create(preparing);
        FileStream? lockFile = null;
        try
        {
            lockFile = Lock(preparing, FileMode.CreateNew);
            Directory.Move(preparing, path);
            return new(path, lockFile);
        }
        catch
        {
            lockFile?.Dispose();
            HostRemoval.Remove(preparing);
            throw;
        }
    }

    // FileShare.None is flock(2) on Unix: the kernel drops it with the process, however that ends.
    private static FileStream Lock(string directory, FileMode mode) =>
        new(System.IO.Path.Combine(directory, LockName), mode, FileAccess.ReadWrite, FileShare.None);

    private static void RemoveAbandoned(string parent, string prefix)
    {
        foreach (var directory in Directory.EnumerateDirectories(parent, prefix + "*"))
        {
            var hasLock = File.Exists(System.IO.Path.Combine(directory, LockName));
            // Being made, or being removed by the run that it belongs to.
            var isInBetween = directory.EndsWith(".new", StringComparison.Ordinal) || !hasLock;
            if (isInBetween && DateTime.UtcNow - Directory.GetLastWriteTimeUtc(directory) < TimeSpan.FromMinutes(1)) continue;
            try
            {
                // A lock that is gone by now went with its owner: making it anew would get in the way of the removal.
                using (Lock(directory, hasLock ? FileMode.Open : FileMode.OpenOrCreate)) HostRemoval.Remove(directory);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Locked by a run that lives, or removed by another run this very moment: not ours either way.
                continue;
            }
        }
    }
}
