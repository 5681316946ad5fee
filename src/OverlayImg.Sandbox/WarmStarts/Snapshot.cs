using System.Security.Cryptography;

namespace OverlayImg.Sandbox.WarmStarts;

/// <summary>A guest's state as QEMU wrote it, with a digest of it: QEMU notices when a state is cut short, but not when a byte of memory differs.</summary>
/// <param name="DirectoryPath">Absolute path of the directory that both are in.</param>
internal sealed record Snapshot(string DirectoryPath)
{
    /// <summary>QEMU's migration stream.</summary>
    public string StatePath => Path.Combine(DirectoryPath, "state");

    private string DigestPath => Path.Combine(DirectoryPath, "sha256");

    /// <summary>Whether both files are there.</summary>
    public bool IsThere => File.Exists(StatePath) && File.Exists(DigestPath);

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

    /// <summary>Writes the state from <paramref name="source"/>, to its end, and the digest.</summary>
    public async Task WriteAsync(Stream source, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using (var file = new FileStream(StatePath, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, useAsync: false))
        {
            var buffer = new byte[1 << 20];
            while (await source.ReadAsync(buffer, cancellationToken) is > 0 and var count)
            {
                hash.AppendData(buffer, 0, count);
                await file.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            }
        }

        await File.WriteAllTextAsync(DigestPath, Convert.ToHexStringLower(hash.GetHashAndReset()), cancellationToken);
    }

    /// <summary>Whether the state is the one that was written.</summary>
    public async Task<bool> IsWholeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var state = new FileStream(StatePath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            var expected = await File.ReadAllTextAsync(DigestPath, cancellationToken);
            // On a thread of its own: the runtime would hash in small pieces, each a trip through the thread pool.
            var actual = await Task.Run(() => Hash(state, cancellationToken), cancellationToken);
            return actual == expected;
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

    private static string Hash(FileStream state, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        while (state.Read(buffer) is > 0 and var count)
        {
            cancellationToken.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, count);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
