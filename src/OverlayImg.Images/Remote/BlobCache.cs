using Microsoft.Win32.SafeHandles;
using OverlayImg.Caching;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Manifests;

namespace OverlayImg.Images.Remote;

/// <summary>
/// Blobs of registries in the cache, by digest: what was fetched once is not fetched again. Each was hashed when it came, and is used as long as its file is the one that
/// was written then; of another file the hash tells: one that was altered or cut short is fetched anew.
/// </summary>
/// <param name="cache">The cache.</param>
internal sealed class BlobCache(Cache cache)
{
    /// <summary>Where the blobs of a cache are in it.</summary>
    public const string DirectoryName = CacheFolders.Blobs;

    private readonly EntryCache _entries = new(cache, DirectoryName, "A blob", CachedBlob.IsSound);

    /// <summary>The blob where it is there; else null.</summary>
    public async Task<CachedBlob?> FindAsync(Digest digest, CancellationToken cancellationToken) =>
        await _entries.FindAsync(digest.Hex, cancellationToken) is { } entry ? new(entry) : null;

    /// <summary>The blob, fetched where it is not there. Two runs that want it at once fetch it once; one whose fetching fails leaves nothing.</summary>
    /// <param name="digest">Its digest.</param>
    /// <param name="fetch">Writes it into the file that it is given, and has checked it against its digest when it is done.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="MachineException">The cache can't be written, or the blob not be fetched.</exception>
    /// <exception cref="InputException">What came is not the blob.</exception>
    public async Task<CachedBlob> GetAsync(Digest digest, Func<SafeFileHandle, Task> fetch, CancellationToken cancellationToken) =>
        new(await _entries.GetAsync(digest.Hex, directory => WriteAsync(directory, null, fetch), cancellationToken));

    /// <summary>Keeps a small blob that is there already. Its digest must be its own.</summary>
    /// <exception cref="MachineException">The cache can't be written.</exception>
    public async Task AddAsync(Digest digest, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        using var blob = await GetAsync(digest, handle => Task.Run(() => RandomAccess.Write(handle, bytes.Span, 0), cancellationToken), cancellationToken);
    }

    /// <summary>Keeps a manifest or an index, with what it was said to be: its bytes need not say it.</summary>
    /// <exception cref="MachineException">The cache can't be written.</exception>
    public async Task AddAsync(ManifestDocument document, CancellationToken cancellationToken)
    {
        using var entry = await _entries.GetAsync(document.Digest.Hex, directory => WriteAsync(directory, document.MediaType,
            handle => Task.Run(() => RandomAccess.Write(handle, document.Bytes.Span, 0), cancellationToken)), cancellationToken);
    }

    private static async Task WriteAsync(string directory, string? mediaType, Func<SafeFileHandle, Task> fetch)
    {
        if (mediaType is not null) await File.WriteAllTextAsync(CachedBlob.MediaTypePathIn(directory), mediaType);
        using var handle = File.OpenHandle(CachedBlob.BlobPathIn(directory), FileMode.CreateNew, FileAccess.ReadWrite, options: FileOptions.Asynchronous);
        await fetch(handle);
    }
}
