using Microsoft.Win32.SafeHandles;
using OverlayImg.Caching;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Manifests;

namespace OverlayImg.Images.Remote;

/// <summary>
/// The cache of registry blobs, by digest. A cached blob is not fetched again. A blob is hashed when it is fetched, and
/// is hashed again only if its file has changed since. A blob that was altered or truncated is fetched again.
/// </summary>
internal sealed class BlobCache(Cache cache)
{
    /// <summary>The name of the blobs' directory in the cache.</summary>
    public const string DirectoryName = CacheFolders.Blobs;

    private readonly EntryCache _entries = new(cache, DirectoryName, "A blob", CachedBlob.IsSound);

    /// <summary>Returns a cached blob; null if the cache does not have it.</summary>
    public async Task<CachedBlob?> FindAsync(Digest digest, CancellationToken cancellationToken) =>
        await _entries.FindAsync(digest.Hex, cancellationToken) is { } entry ? new(entry) : null;

    /// <summary>
    /// Returns a blob, and fetches it first if the cache does not have it. <paramref name="fetch"/> writes the blob
    /// into a file and verifies its digest. Concurrent runs fetch a blob only once. A failed fetch leaves nothing in
    /// the cache.
    /// </summary>
    /// <exception cref="MachineException">The cache can't be written, or the blob can't be fetched.</exception>
    /// <exception cref="InputException">The fetched bytes do not match the digest.</exception>
    public async Task<CachedBlob> GetAsync(Digest digest, Func<SafeFileHandle, Task> fetch, CancellationToken cancellationToken) =>
        new(await _entries.GetAsync(digest.Hex, directory => WriteAsync(directory, null, fetch), cancellationToken));

    /// <summary>Adds a small blob to the cache. The caller has verified its digest.</summary>
    /// <exception cref="MachineException">The cache can't be written.</exception>
    public async Task AddAsync(Digest digest, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        using var blob = await GetAsync(
            digest, handle => Task.Run(() => RandomAccess.Write(handle, bytes.Span, 0), cancellationToken), cancellationToken);
    }

    /// <summary>Adds a manifest or an index, together with its media type, which the document itself may not have.</summary>
    /// <exception cref="MachineException">The cache can't be written.</exception>
    public async Task AddAsync(ManifestDocument document, CancellationToken cancellationToken)
    {
        using var entry = await _entries.GetAsync(document.Digest.Hex, directory => WriteAsync(directory, document.MediaType,
            handle => Task.Run(() => RandomAccess.Write(handle, document.Bytes.Span, 0), cancellationToken)), cancellationToken);
    }

    private static async Task WriteAsync(string directory, string? mediaType, Func<SafeFileHandle, Task> fetch)
    {
        if (mediaType is not null) await File.WriteAllTextAsync(CachedBlob.MediaTypePathIn(directory), mediaType);
        var path = CachedBlob.BlobPathIn(directory);
        using var handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, options: FileOptions.Asynchronous);
        await fetch(handle);
    }
}
