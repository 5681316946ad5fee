using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries;
using OverlayImg.Images.Registries.Options;
using OverlayImg.Images.Sessions;
using OverlayImg.Images.Streams;

namespace OverlayImg.Images.Remote;

/// <summary>Registries with the cache before them: what has a digest is asked for once.</summary>
internal sealed class CachedRegistry
{
    private readonly BlobCache _blobs;

    private CachedRegistry(RegistryClient client, BlobCache blobs, UnpackedBlobs unpacked) => (Client, _blobs, Unpacked) = (client, blobs, unpacked);

    /// <summary>For what the cache has no part in.</summary>
    public RegistryClient Client { get; }

    /// <summary>What is known of blobs that were unpacked.</summary>
    public UnpackedBlobs Unpacked { get; }

    /// <summary>Prepares; nothing is asked yet. The session owns the registry's connections.</summary>
    public static CachedRegistry Create(RegistryOptions access, Session session) =>
        new(session.Own(new RegistryClient(access with { Warn = text => session.Warn(text) })), new(session.Cache), new(session.Cache));

    /// <summary>Describes the manifest or the index of a name. A tag is looked up.</summary>
    /// <remarks>The digest is that of the bytes, whatever the registry says.</remarks>
    /// <exception cref="InputException">There is no such image.</exception>
    /// <exception cref="MachineException">The registry can't be reached, or does not allow it.</exception>
    public async Task<ManifestDocument> LookUpAsync(RegistryReference image, CancellationToken cancellationToken)
    {
        if (image.Digest is not null) return await GetDocumentAsync(image, cancellationToken);
        if (await Client.DescribeManifestAsync(image, cancellationToken) is { } known
            && await FindDocumentAsync(image.At(known.Digest), cancellationToken) is { } cached) return cached;
        return await FetchDocumentAsync(image, cancellationToken);
    }

    /// <summary>A manifest or an index.</summary>
    /// <param name="image">With a digest.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="InputException">There is none, or what there is is none.</exception>
    /// <exception cref="MachineException">The registry can't be reached, or does not allow it.</exception>
    public async Task<ManifestDocument> GetDocumentAsync(RegistryReference image, CancellationToken cancellationToken) =>
        await FindDocumentAsync(image, cancellationToken) ?? await FetchDocumentAsync(image, cancellationToken);

    /// <summary>A config, or what else is small.</summary>
    /// <exception cref="InputException">It is not there, too big, or another.</exception>
    /// <exception cref="MachineException">The registry can't be reached, or does not allow it.</exception>
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

    /// <summary>A blob as a file of the cache.</summary>
    /// <param name="repository">Where it is.</param>
    /// <param name="blob">What a manifest says of it.</param>
    /// <param name="received">Is told of the bytes, all of them also where they are here already.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="InputException">It is not there, or another.</exception>
    /// <exception cref="MachineException">The registry can't be reached, or does not allow it; or the cache can't be written.</exception>
    public async Task<CachedBlob> GetBlobAsync(RegistryReference repository, Descriptor blob, IProgress<int>? received, CancellationToken cancellationToken)
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
            throw new InputException($"says that the blob {blob.Digest} has {blob.Size} bytes, but it has {cached.Source.Length}", new(repository.ToString()));
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
