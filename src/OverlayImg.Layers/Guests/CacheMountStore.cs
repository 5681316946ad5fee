using OverlayImg.Caching;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Ext4.Writing;
using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Layers.Guests;

/// <summary>
/// The stored disks of cache mounts, by name. A run writes to a copy, which replaces the stored disk when the guest has
/// unmounted the copy. A stored disk is therefore always clean, however a run ends. The host never reads the files on a
/// disk.
/// </summary>
internal sealed class CacheMountStore(Cache cache)
{
    /// <summary>The folder of the disks in the cache.</summary>
    public const string DirectoryName = CacheFolders.CacheMounts;

    /// <summary>Size of a disk in bytes, which limits what scripts can keep under one name. The file is sparse.</summary>
    public const long DiskSize = 4L << 30;

    private const string UnfinishedPrefix = ".new-";

    /// <summary>Version of the disk's form. It changes when disks are made differently.</summary>
    private const string Format = "1";

    private string Folder { get; } = cache.PathOf(DirectoryName);

    /// <summary>
    /// Takes the exclusive right to store the disk of a name, until the returned object is disposed of; null if another
    /// run has the right. The method does not wait: the other run may take hours, and a copy of the stored disk serves
    /// this run as well.
    /// </summary>
    /// <exception cref="MachineException">The cache can't be written.</exception>
    public IDisposable? TryTakeTurn(string name)
    {
        var path = $"{EntryPath(name)}.lock";
        try
        {
            Directory.CreateDirectory(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            // The lock file is never removed. After a removal, two runs could lock two files of the same name.
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

    /// <summary>Copies the stored disk to <paramref name="path"/>, or writes an empty disk if none is stored.</summary>
    /// <returns>False if the stored disk was altered. An empty disk is then written.</returns>
    /// <exception cref="MachineException">There is no space for the copy.</exception>
    public bool CopyTo(string name, string path, CancellationToken cancellationToken)
    {
        try
        {
            if (TryCopy(name, path, cancellationToken)) return true;
            Ext4Writer.Write(Fresh(), path, new() { Size = DiskSize }, cancellationToken);
            return !Directory.Exists(EntryPath(name));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(exception);
        }
    }

    /// <summary>Moves a clean disk to the store. The caller holds the right of <see cref="TryTakeTurn"/>.</summary>
    /// <exception cref="MachineException">The cache can't be written.</exception>
    public void Keep(string name, string path)
    {
        try
        {
            using var scratch = ScratchDirectory.Create(Folder, UnfinishedPrefix, CacheSetting.Directory);
            var (made, directory) = (scratch.NewPath("entry"), EntryPath(name));
            Directory.CreateDirectory(made, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            File.Move(path, CachedDisk.DiskPathIn(made));
            CachedEntry.Record(made);
            // A run that is copying the old disk has its file open and can finish.
            if (Directory.Exists(directory)) Directory.Move(directory, scratch.NewPath("old"));
            Directory.Move(made, directory);
            CacheEntries.Prune(cache);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(exception);
        }
    }

    /// <summary>
    /// Removes the stored disk, so the next run starts with an empty one. The caller holds the right of
    /// <see cref="TryTakeTurn"/>.
    /// </summary>
    public void Drop(string name)
    {
        var directory = EntryPath(name);
        if (Directory.Exists(directory)) CacheEntries.TryRemove(directory);
    }

    // False if no disk is stored, if the stored disk was altered, or if another run is removing it.
    private bool TryCopy(string name, string path, CancellationToken cancellationToken)
    {
        if (CachedEntry.TryOpen(EntryPath(name)) is not { } entry) return false;
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

    /// <summary>The names of the stored disks, in alphabetical order. Nothing is created.</summary>
    /// <exception cref="IOException">The folder can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be read.</exception>
    public IReadOnlyList<string> Names()
    {
        const string Ending = $"-{Format}";
        if (!Directory.Exists(Folder)) return [];
        var entries = Directory.EnumerateDirectories(Folder, $"*{Ending}").Select(path => Path.GetFileName(path)[..^Ending.Length]);
        return [.. entries.Where(CacheMount.IsValidName).Order(StringComparer.Ordinal)];
    }

    private string EntryPath(string name) => Path.Combine(Folder, $"{name}-{Format}");

    private static FileTree Fresh()
    {
        var root = new DirectoryNode(Metadata.DefaultDirectory);
        root.Set(new("content"u8), new DirectoryNode(Metadata.DefaultDirectory));
        return new(root);
    }

    private MachineException Unwritable(Exception exception) => new($"A cache mount can't be kept in {Folder}: {exception.Message}", exception)
    {
        Advice = "Free some space there, or choose another place for the cache.",
    };
}
