using System.Collections.Concurrent;
using System.Globalization;

namespace OverlayImg.FileSystems.HostDirectory;

/// <summary>
/// The temporary files of one run: a private directory (mode 0700) in a common parent. The process holds a lock on it. A killed run leaves
/// its directory behind without a lock, and the next run with the same parent removes the directory.
/// </summary>
public sealed class ScratchDirectory : IDisposable
{
    private const string LockName = "lock";

    // RemoveAll removes these directories when the process ends before their owner disposes of them.
    private static readonly ConcurrentDictionary<ScratchDirectory, object?> Live = new();

    private readonly FileStream _lock;
    private int _next;

    private ScratchDirectory(string path, FileStream lockFile)
    {
        (Path, _lock) = (path, lockFile);
        Live[this] = null;
    }

    /// <summary>Absolute path of the temporary directory.</summary>
    public string Path { get; }

    /// <summary>Creates a temporary directory in <paramref name="parent"/>, and removes directories that killed runs left there.</summary>
    /// <param name="parent">The parent; created where it does not exist.</param>
    /// <param name="prefix">The start of the directory's name. Only directories with this prefix are removed as leftovers.</param>
    /// <param name="setting">The setting that chooses another parent, for advice; null where no setting does.</param>
    /// <exception cref="UnusableDirectoryException">The parent can't be created or written to.</exception>
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

    /// <summary>Removes every temporary directory of this process that was not disposed of. For the end of the process.</summary>
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
                // A program still writes to the directory. The next run with the same parent removes it.
                continue;
            }
        }
    }

    /// <summary>Makes a unique path in the directory, which ends with <paramref name="name"/>. Creates no file.</summary>
    public string NewPath(string name) =>
        System.IO.Path.Combine(Path, string.Create(CultureInfo.InvariantCulture, $"{Interlocked.Increment(ref _next)}-{name}"));

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!Live.TryRemove(this, out _)) return;
        HostRemoval.Remove(Path);
        _lock.Dispose();
    }

    // The directory gets its final name after it is locked, because other runs remove directories with such names and no lock.
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

    // On Unix, FileShare.None is flock(2), which the kernel releases when the process ends in any way.
    private static FileStream Lock(string directory, FileMode mode) =>
        new(System.IO.Path.Combine(directory, LockName), mode, FileAccess.ReadWrite, FileShare.None);

    private static void RemoveAbandoned(string parent, string prefix)
    {
        foreach (var directory in Directory.EnumerateDirectories(parent, prefix + "*"))
        {
            var hasLock = File.Exists(System.IO.Path.Combine(directory, LockName));
            // A run is just creating this directory, or removing it.
            var isInBetween = directory.EndsWith(".new", StringComparison.Ordinal) || !hasLock;
            if (isInBetween && DateTime.UtcNow - Directory.GetLastWriteTimeUtc(directory) < TimeSpan.FromMinutes(1)) continue;
            try
            {
                // A lock file that has vanished meanwhile means that its run removes the directory. A new lock file would make that removal fail.
                using (Lock(directory, hasLock ? FileMode.Open : FileMode.OpenOrCreate)) HostRemoval.Remove(directory);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // A running process holds the lock, or another run removes the directory.
                continue;
            }
        }
    }
}
