using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries;
using OverlayImg.Images.Registries.Options;
using OverlayImg.Images.Sessions;
using OverlayImg.Images.Streams;

namespace OverlayImg.Images.Remote;

/// <summary>A registry client with the blob cache. Content with a known digest is fetched only if the cache does not have it.</summary>
internal sealed class CachedRegistry
{
    private readonly BlobCache _blobs;

    private CachedRegistry(RegistryClient client, BlobCache blobs, UnpackedBlobs unpacked) => (Client, _blobs, Unpacked) = (client, blobs, unpacked);

    /// <summary>The client, for requests without the cache.</summary>
    public RegistryClient Client { get; }

    /// <summary>The known diff IDs of blobs.</summary>
    public UnpackedBlobs Unpacked { get; }

    /// <summary>Makes a client. No request is sent yet. The session owns the client's connections.</summary>
    public static CachedRegistry Create(RegistryOptions access, Session session) =>
        new(session.Own(new RegistryClient(access with { Warn = text => session.Warn(text) })), new(session.Cache), new(session.Cache));

    /// <summary>Returns the manifest or the index of a reference. For a tag, the registry is asked for the current digest.</summary>
    /// <remarks>The document's digest is computed from its bytes, not taken from the registry's response.</remarks>
    /// <exception cref="InputException">The image does not exist.</exception>
    /// <exception cref="MachineException">The registry can't be reached or denies access.</exception>
    public async Task<ManifestDocument> LookUpAsync(RegistryReference image, CancellationToken cancellationToken)
    {
        if (image.Digest is not null) return await GetDocumentAsync(image, cancellationToken);
        if (await Client.DescribeManifestAsync(image, cancellationToken) is { } known
            && await FindDocumentAsync(image.At(known.Digest), cancellationToken) is { } cached) return cached;
        return await FetchDocumentAsync(image, cancellationToken);
    }

    /// <summary>Returns the manifest or the index of a reference that has a digest.</summary>
    /// <exception cref="InputException">The document does not exist, or is neither a manifest nor an index.</exception>
    /// <exception cref="MachineException">The registry can't be reached or denies access.</exception>
    public async Task<ManifestDocument> GetDocumentAsync(RegistryReference image, CancellationToken cancellationToken) =>
        await FindDocumentAsync(image, cancellationToken) ?? await FetchDocumentAsync(image, cancellationToken);

    /// <summary>Returns the bytes of a small blob, such as a config.</summary>
    /// <exception cref="InputException">The blob does not exist, is too large, or does not match its digest.</exception>
    /// <exception cref="MachineException">The registry can't be reached or denies access.</exception>
    public async Task<byte[]> ReadBlobAsync(RegistryReference repository, Descriptor blob, int maximumLength, CancellationToken cancellationToken)
    {
        using (var cached = await _blobs.FindAsync(blob.Digest, cancellationToken))
        {
            if (cached is not null && cached.Source.Length == blob.Size && blob.Size <= maximumLength) return cached.ReadAll();
        }

        var bytes = await Client.ReadBlobAsync(repository, blob, maximumLength, cancellationToken);
        await _blobs.AddAsync(blob.Digest, bytes, cancellationToken);
        return bytes;
    }

    /// <summary>
    /// Returns a blob as a file of the cache. <paramref name="received"/> gets the number of bytes also if the cache
    /// has the blob. The caller disposes of the result.
    /// </summary>
    /// <exception cref="InputException">The blob does not exist, or does not match its digest or its size.</exception>
    /// <exception cref="MachineException">The registry can't be reached or denies access, or the cache can't be written.</exception>
    public async Task<CachedBlob> GetBlobAsync(
        RegistryReference repository, Descriptor blob, IProgress<int>? received, CancellationToken cancellationToken)
    {
        var isFetched = false;
        var cached = await _blobs.GetAsync(blob.Digest, file =>
        {
            isFetched = true;
            return Client.DownloadBlobAsync(repository, blob, file, received, cancellationToken);
        }, cancellationToken);
        if (cached.Source.Length == blob.Size)
        {
            if (!isFetched) received?.ReportAll(blob.Size);
            return cached;
        }

        using (cached)
        {
            throw new InputException(
                $"says that the blob {blob.Digest} has {blob.Size} bytes, but the blob has {cached.Source.Length}", new(repository.ToString()));
        }
    }

    private async Task<ManifestDocument?> FindDocumentAsync(RegistryReference image, CancellationToken cancellationToken)
    {
        using var cached = await _blobs.FindAsync(image.Digest!, cancellationToken);
        return cached is { Source.Length: <= ManifestDocument.MaximumLength }
            ? ManifestDocument.Parse(cached.ReadAll(), cached.MediaType, new(image.ToString())) : null;
    }

    private async Task<ManifestDocument> FetchDocumentAsync(RegistryReference image, CancellationToken cancellationToken)
    {
        var document = await Client.GetManifestAsync(image, cancellationToken);
        await _blobs.AddAsync(document, cancellationToken);
        return document;
    }
}
