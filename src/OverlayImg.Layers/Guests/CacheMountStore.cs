using OverlayImg.Caching;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Ext4.Writing;
using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Layers.Guests;

/// <summary>
/// The disks of cache mounts in the cache, by name. A run writes to a copy, which takes the place of the stored disk when the guest has unmounted it:
/// the stored disk is always a disk that a guest left clean, however a run ends. The host never reads the files of a disk.
/// </summary>
/// <param name="cache">The cache.</param>
internal sealed class CacheMountStore(Cache cache)
{
    /// <summary>Where the disks of a cache are in it.</summary>
    public const string DirectoryName = CacheFolders.CacheMounts;

    /// <summary>Bytes of a disk, which bounds what scripts can keep under one name. The file is sparse.</summary>
    public const long DiskSize = 4L << 30;

    private const string UnfinishedPrefix = ".new-";

    /// <summary>Changes when disks are made in another way.</summary>
    private const string Format = "1";

    private string Place { get; } = cache.PathOf(DirectoryName);

    /// <summary>
    /// The right to store the disk of a name, until it is disposed of; null where another run has it. Nobody waits for it: a run that has it may take hours,
    /// and a copy of what is stored serves the other run as well.
    /// </summary>
    /// <exception cref="MachineException">The cache can't be written.</exception>
    public IDisposable? TryTakeTurn(string name)
    {
        var path = $"{PlaceOf(name)}.lock";
        try
        {
            Directory.CreateDirectory(Place, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            // The lock file stays: if it were removed, two could hold a lock of the same name.
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(exception);
        }
    }

    /// <summary>Writes a copy of the stored disk to <paramref name="path"/>, or an empty disk where none is stored.</summary>
    /// <returns>False where the stored disk is not as it was stored; then an empty disk is written, too.</returns>
    /// <exception cref="MachineException">There is no space for it.</exception>
    public bool CopyTo(string name, string path, CancellationToken cancellationToken)
    {
        try
        {
            if (TryCopy(name, path, cancellationToken)) return true;
            Ext4Writer.Write(Fresh(), path, new() { Size = DiskSize }, cancellationToken);
            return !Directory.Exists(PlaceOf(name));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(exception);
        }
    }

    /// <summary>Stores a disk that a guest left clean, by moving the file. The caller has the turn.</summary>
    /// <exception cref="MachineException">The cache can't be written.</exception>
    public void Keep(string name, string path)
    {
        try
        {
            using var scratch = ScratchDirectory.Create(Place, UnfinishedPrefix, CacheSetting.Directory);
            var (made, place) = (scratch.NewPath("entry"), PlaceOf(name));
            Directory.CreateDirectory(made, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            File.Move(path, CachedDisk.DiskPathIn(made));
            CachedEntry.Record(made);
            // A run that copies the former disk has it open and goes on.
            if (Directory.Exists(place)) Directory.Move(place, scratch.NewPath("old"));
            Directory.Move(made, place);
            CacheEntries.Prune(cache);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(exception);
        }
    }

    /// <summary>Removes the stored disk, so that the next run begins with an empty one. The caller has the turn.</summary>
    public void Drop(string name)
    {
        var place = PlaceOf(name);
        if (Directory.Exists(place)) CacheEntries.TryRemove(place);
    }

    // False where there is none, or none that is as it was written, or another run removes it at this moment.
    private bool TryCopy(string name, string path, CancellationToken cancellationToken)
    {
        if (CachedEntry.TryOpen(PlaceOf(name)) is not { } entry) return false;
        using var disk = new CachedDisk(entry);
        try
        {
            using var source = File.OpenHandle(disk.Path);
            if (RandomAccess.GetLength(source) != DiskSize) return false;
            SparseFile.Copy(source, path, cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    private string PlaceOf(string name) => Path.Combine(Place, $"{name}-{Format}");

    private static FileTree Fresh()
    {
        var root = new DirectoryNode(Metadata.DefaultDirectory);
        root.Set(new("content"u8), new DirectoryNode(Metadata.DefaultDirectory));
        return new(root);
    }

    private MachineException Unwritable(Exception exception) => new($"A cache mount can't be kept in {Place}: {exception.Message}", exception)
    {
        Advice = "Free some space there, or choose another place for the cache.",
    };
}
