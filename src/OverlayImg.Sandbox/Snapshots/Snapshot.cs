using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Sandbox.Snapshots;

/// <summary>
/// A guest as it was: its memory, which later guests share until they write to it, the state of everything else as QEMU wrote it, and a digest of all.
/// QEMU notices when a state is cut short, but not when a byte of memory differs. One that was saved with its overlay mounted has the upper disk
/// with it, as the guest left it, and knows the parents' disks, of which it holds more in its memory than it would read again.
/// </summary>
/// <param name="DirectoryPath">Absolute path of the directory that they are in.</param>
internal sealed record Snapshot(string DirectoryPath)
{
    /// <summary>QEMU's migration stream, without the memory.</summary>
    public string StatePath => Path.Combine(DirectoryPath, "state");

    /// <summary>The guest's memory, with holes where it was never used.</summary>
    public string MemoryPath => Path.Combine(DirectoryPath, "memory");

    /// <summary>The upper disk that the guest has mounted, with holes where it was never written; not there where it has none.</summary>
    public string UpperPath => Path.Combine(DirectoryPath, "upper");

    private string ParentsPath => Path.Combine(DirectoryPath, "parents");

    private string DigestPath => Path.Combine(DirectoryPath, "sha256");

    private string[] SparsePaths => HasOverlay ? [MemoryPath, UpperPath] : [MemoryPath];

    private string CheckedPath => Path.Combine(DirectoryPath, "checked");

    /// <summary>Whether all files are there.</summary>
    public bool IsThere => RegularFile.Is(StatePath) && RegularFile.Is(MemoryPath) && RegularFile.Is(DigestPath);

    /// <summary>Whether the guest has the overlay of its job mounted.</summary>
    public bool HasOverlay => RegularFile.Is(UpperPath) && RegularFile.Is(ParentsPath);

    /// <summary>Keeps the upper disk, and which files the parents' disks are.</summary>
    /// <param name="upper">The upper disk; nobody writes to it.</param>
    /// <param name="parents">The files, as <see cref="FilesOf"/> tells them.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="IOException">The snapshot can't be written.</exception>
    public void AddOverlay(string upper, string parents, CancellationToken cancellationToken)
    {
        using var source = File.OpenHandle(upper, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        SparseFile.Copy(source, UpperPath, cancellationToken);
        File.WriteAllText(ParentsPath, parents);
    }

    /// <summary>Whether these are the files that the guest has mounted, and nobody has touched them since.</summary>
    /// <exception cref="IOException">The snapshot can't be read.</exception>
    public bool HasParents(IReadOnlyList<string> disks) => FilesOf(disks) == File.ReadAllText(ParentsPath);

    /// <summary>Which files these are, and in which state; null where one is missing, or so new that a change would not show.</summary>
    public static string? FilesOf(IReadOnlyList<string> paths)
    {
        var identities = paths.Select(path => FileIdentity.OfSettled(path)).ToArray();
        return identities.Contains(null) ? null : string.Join('\n', identities);
    }

    /// <summary>Makes the upper disk anew, as it was when the guest was saved.</summary>
    /// <exception cref="IOException">The snapshot can't be read, or <paramref name="path"/> not be written.</exception>
    public void CopyUpper(string path, CancellationToken cancellationToken)
    {
        using var source = File.OpenHandle(UpperPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        SparseFile.Copy(source, path, cancellationToken);
    }

    /// <summary>Notes that it is used now: what was used least recently goes first.</summary>
    public void Touch()
    {
        try
        {
            Directory.SetLastWriteTimeUtc(DirectoryPath, DateTime.UtcNow);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Removed at this moment, or a cache that is only read: starting from it shows.
            return;
        }
    }

    /// <summary>Writes the state from <paramref name="source"/>, to its end.</summary>
    public async Task WriteStateAsync(Stream source, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(StatePath, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        await source.CopyToAsync(file, cancellationToken);
    }

    /// <summary>Writes the digest of the snapshot, whose other files are complete.</summary>
    public async Task SealAsync()
    {
        // On a thread of its own: the runtime would hash in small pieces, each a trip through the thread pool.
        var digest = await Task.Run(() => SnapshotDigest.Of(StatePath, SparsePaths, CancellationToken.None));
        await File.WriteAllTextAsync(DigestPath, digest);
    }

    /// <summary>Whether all is as it was written. It is read once; later it is enough that nobody has touched it since.</summary>
    public async Task<bool> IsWholeAsync(CancellationToken cancellationToken)
    {
        try
        {
            var identity = Identity();
            if (identity is not null && RegularFile.Is(CheckedPath) && await File.ReadAllTextAsync(CheckedPath, cancellationToken) == identity) return true;
            var expected = await File.ReadAllTextAsync(DigestPath, cancellationToken);
            if (await Task.Run(() => SnapshotDigest.Of(StatePath, SparsePaths, cancellationToken), cancellationToken) != expected) return false;
            if (identity is not null) Remember(identity);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Removes it, as far as it is still there.</summary>
    public void Remove()
    {
        try
        {
            HostEntry.Remove(DirectoryPath);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another run removes it at this moment, or the cache can't be written any more; what is left is found again by the next clean-up.
            return;
        }
    }

    // Null as long as they are so new that another change would not show.
    private string? Identity() => FilesOf([StatePath, .. SparsePaths]);

    private void Remember(string identity)
    {
        try
        {
            var written = Path.Combine(DirectoryPath, Path.GetRandomFileName());
            File.WriteAllText(written, identity);
            File.Move(written, CheckedPath, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A cache that is only read, or a full disk: the next run reads everything again.
            return;
        }
    }
}
