using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Sandbox.Snapshots;

/// <summary>
/// A saved guest in a directory: its memory, which later guests map copy-on-write, QEMU's state of everything else, and a digest of both. QEMU
/// notices a truncated state, but not a changed byte of memory. A snapshot of a guest with a mounted overlay also has the upper disk as the guest
/// left it and the identities of the parents' disks, whose contents the guest caches in its memory.
/// </summary>
/// <param name="DirectoryPath">Absolute path of the directory.</param>
internal sealed record Snapshot(string DirectoryPath)
{
    /// <summary>QEMU's migration stream, without the memory.</summary>
    public string StatePath => Path.Combine(DirectoryPath, "state");

    /// <summary>The guest's memory, with holes where the guest never used it.</summary>
    public string MemoryPath => Path.Combine(DirectoryPath, "memory");

    /// <summary>The upper disk that the guest has mounted, a sparse file; missing for a guest without an overlay.</summary>
    public string UpperPath => Path.Combine(DirectoryPath, "upper");

    private string ParentsPath => Path.Combine(DirectoryPath, "parents");

    private string DigestPath => Path.Combine(DirectoryPath, "sha256");

    private string[] SparsePaths => HasOverlay ? [MemoryPath, UpperPath] : [MemoryPath];

    private string CheckedPath => Path.Combine(DirectoryPath, "checked");

    /// <summary>Whether the snapshot is complete.</summary>
    public bool IsComplete => RegularFile.Is(StatePath) && RegularFile.Is(MemoryPath) && RegularFile.Is(DigestPath);

    /// <summary>Whether the guest has the overlay of its job mounted.</summary>
    public bool HasOverlay => RegularFile.Is(UpperPath) && RegularFile.Is(ParentsPath);

    /// <summary>Adds the upper disk and the identities of the parents' disks.</summary>
    /// <param name="upper">Path of the upper disk, which nobody may write to during the call.</param>
    /// <param name="parents">The result of <see cref="FilesOf"/>.</param>
    /// <exception cref="IOException">The snapshot can't be written.</exception>
    public void AddOverlay(string upper, string parents, CancellationToken cancellationToken)
    {
        using var source = File.OpenHandle(upper, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        SparseFile.Copy(source, UpperPath, cancellationToken);
        File.WriteAllText(ParentsPath, parents);
    }

    /// <summary>Whether <paramref name="disks"/> are the parents' disks that the guest has mounted, unchanged since then.</summary>
    /// <exception cref="IOException">The snapshot can't be read.</exception>
    public bool HasParents(IReadOnlyList<string> disks) => FilesOf(disks) == File.ReadAllText(ParentsPath);

    /// <summary>
    /// Returns the identities of files, or null if a file is missing or was changed so recently that another change might keep its timestamp.
    /// </summary>
    public static string? FilesOf(IReadOnlyList<string> paths)
    {
        var identities = paths.Select(path => FileIdentity.OfSettled(path)).ToArray();
        return identities.Contains(null) ? null : string.Join('\n', identities);
    }

    /// <summary>Copies the upper disk of the snapshot to <paramref name="path"/>.</summary>
    /// <exception cref="IOException">The snapshot can't be read, or <paramref name="path"/> can't be written.</exception>
    public void CopyUpper(string path, CancellationToken cancellationToken)
    {
        using var source = File.OpenHandle(UpperPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        SparseFile.Copy(source, path, cancellationToken);
    }

    /// <summary>Marks the snapshot as used now. The least recently used snapshots are removed first.</summary>
    public void Touch()
    {
        try
        {
            Directory.SetLastWriteTimeUtc(DirectoryPath, DateTime.UtcNow);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another run has just removed the snapshot, or the cache is read-only. If the snapshot is gone, loading it reports that.
            return;
        }
    }

    /// <summary>Writes the state from <paramref name="source"/>, up to the end of the stream.</summary>
    public async Task WriteStateAsync(Stream source, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(StatePath, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        await source.CopyToAsync(file, cancellationToken);
    }

    /// <summary>Writes the digest of the snapshot. All other files must be complete.</summary>
    public async Task SealAsync()
    {
        // On a thread of its own, because asynchronous hashing reads small pieces, each by way of the thread pool.
        var digest = await Task.Run(() => SnapshotDigest.Of(StatePath, SparsePaths, CancellationToken.None));
        await File.WriteAllTextAsync(DigestPath, digest);
    }

    /// <summary>
    /// Whether the snapshot matches its digest. The files are read once. After that, unchanged sizes and timestamps are enough.
    /// </summary>
    public async Task<bool> MatchesDigestAsync(CancellationToken cancellationToken)
    {
        try
        {
            var identity = Identity();
            if (identity is not null && RegularFile.Is(CheckedPath)
                && await File.ReadAllTextAsync(CheckedPath, cancellationToken) == identity) return true;
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

    /// <summary>Removes the directory of the snapshot. Errors are ignored.</summary>
    public void Remove()
    {
        try
        {
            HostEntry.Remove(DirectoryPath);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another run is removing the snapshot, or the cache has become read-only. SnapshotStore.Prune removes the rest later.
            return;
        }
    }

    // Null if the files are so new that another change might keep their timestamps.
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
            // The cache is read-only or its disk is full. The next run reads the files again.
            return;
        }
    }
}
