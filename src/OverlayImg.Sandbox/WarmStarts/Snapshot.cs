using OverlayImg.FileSystems;

namespace OverlayImg.Sandbox.WarmStarts;

/// <summary>
/// A guest as it was: its memory, which later guests share until they write to it, the state of everything else as QEMU wrote it, and a digest of both.
/// QEMU notices when a state is cut short, but not when a byte of memory differs.
/// </summary>
/// <param name="DirectoryPath">Absolute path of the directory that they are in.</param>
internal sealed record Snapshot(string DirectoryPath)
{
    /// <summary>QEMU's migration stream, without the memory.</summary>
    public string StatePath => Path.Combine(DirectoryPath, "state");

    /// <summary>The guest's memory, with holes where it was never used.</summary>
    public string MemoryPath => Path.Combine(DirectoryPath, "memory");

    private string DigestPath => Path.Combine(DirectoryPath, "sha256");

    private string CheckedPath => Path.Combine(DirectoryPath, "checked");

    /// <summary>Whether all files are there.</summary>
    public bool IsThere => File.Exists(StatePath) && File.Exists(MemoryPath) && File.Exists(DigestPath);

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

    /// <summary>Writes the digest of state and memory, which are there and stand still.</summary>
    public async Task SealAsync(CancellationToken cancellationToken)
    {
        // On a thread of its own: the runtime would hash in small pieces, each a trip through the thread pool.
        var digest = await Task.Run(() => SnapshotDigest.Of(StatePath, MemoryPath, cancellationToken), cancellationToken);
        await File.WriteAllTextAsync(DigestPath, digest, cancellationToken);
    }

    /// <summary>Whether state and memory are those that were written. They are read once; later it is enough that nobody has touched them since.</summary>
    public async Task<bool> IsWholeAsync(CancellationToken cancellationToken)
    {
        try
        {
            var identity = Identity();
            if (identity is not null && File.Exists(CheckedPath) && await File.ReadAllTextAsync(CheckedPath, cancellationToken) == identity) return true;
            var expected = await File.ReadAllTextAsync(DigestPath, cancellationToken);
            if (await Task.Run(() => SnapshotDigest.Of(StatePath, MemoryPath, cancellationToken), cancellationToken) != expected) return false;
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
            if (Directory.Exists(DirectoryPath)) Directory.Delete(DirectoryPath, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another run removes it at this moment, or the cache can't be written any more; what is left is found again by the next clean-up.
            return;
        }
    }

    // Null as long as they are so new that another change would not show.
    private string? Identity() =>
        FileIdentity.OfSettled(StatePath) is { } state && FileIdentity.OfSettled(MemoryPath) is { } memory ? $"{state}\n{memory}\n" : null;

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
