using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.Win32.SafeHandles;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries.Authentication;
using OverlayImg.Images.Registries.Blobs;
using OverlayImg.Images.Registries.Credentials;
using OverlayImg.Images.Registries.Options;
using OverlayImg.Images.Registries.Transport;

namespace OverlayImg.Images.Registries;

/// <summary>
/// Client for pulling from and pushing to registries (OCI Distribution Specification). The client distrusts registries:
/// every response has a size limit and is compared with its digest, and secrets go only to the server that they belong
/// to. One client serves a run. The client is thread-safe.
/// </summary>
/// <remarks>
/// Every method throws <see cref="InputException"/> if the registry lacks the requested content or sends other content, and
/// <see cref="MachineException"/> if the registry can't be reached or does not allow the request.
/// </remarks>
public sealed class RegistryClient(RegistryOptions options) : IDisposable
{
    private const string DigestHeader = "Docker-Content-Digest";
    private const string Accepted = $"{MediaTypes.OciIndex}, {MediaTypes.OciManifest}, {MediaTypes.DockerManifestList}, {MediaTypes.DockerManifest}";

    private readonly CredentialSource _credentials = new(options);
    private readonly ConcurrentDictionary<string, Lazy<RegistrySession>> _sessions = new(StringComparer.Ordinal);

    /// <summary>Fetches a manifest or an index by the digest of the reference, or by its tag if the reference has no digest.</summary>
    public async Task<ManifestDocument> GetManifestAsync(RegistryReference image, CancellationToken cancellationToken)
    {
        var session = SessionOf(image);
        var where = new InputLocation(image.ToString());
        using var slot = await session.EnterAsync(cancellationToken);
        var request = await ManifestRequestAsync(session, HttpMethod.Get, image, cancellationToken);
        return await session.SendAsync(image, request, PullOf(image), ReadAsync, cancellationToken);

        async Task<ManifestDocument> ReadAsync(RegistryResponse received)
        {
            using var response = received;
            if (response.Status == HttpStatusCode.NotFound) throw new InputException("there is no such image in the registry", where);
            if (!response.IsSuccess) throw await RegistryErrors.ReadAsync(response, image, "the manifest", cancellationToken);
            var bytes = await response.ReadToEndAsync(ManifestDocument.MaximumLength, cancellationToken);
            if (bytes.Length > ManifestDocument.MaximumLength)
                throw new InputException($"the manifest has more than {ManifestDocument.MaximumLength} bytes, the limit", where);
            if (image.Digest is not null && image.Digest != Digest.Of(bytes))
                throw new InputException("the manifest does not match its digest", where);
            return ManifestDocument.Parse(bytes, response.Header("Content-Type"), where);
        }
    }

    /// <summary>Asks for the descriptor of a manifest by HEAD. Docker Hub does not count HEAD against its pull limit.</summary>
    /// <returns>Null if the response headers are incomplete or the registry refuses HEAD.</returns>
    /// <remarks>Some registries refuse HEAD or send a wrong digest. Only a fetch proves a manifest's absence or its digest.</remarks>
    public async Task<Descriptor?> DescribeManifestAsync(RegistryReference image, CancellationToken cancellationToken)
    {
        var session = SessionOf(image);
        using var slot = await session.EnterAsync(cancellationToken);
        var request = await ManifestRequestAsync(session, HttpMethod.Head, image, cancellationToken);
        using var response = await session.SendAsync(image, request, PullOf(image), cancellationToken);
        if (response.Status == HttpStatusCode.TooManyRequests)
            throw await RegistryErrors.ReadAsync(response, image, "the manifest", cancellationToken);
        return response.IsSuccess ? Described(response, image) : null;
    }

    /// <summary>
    /// Fetches a blob into memory. A blob of more than <paramref name="maximumLength"/> bytes is refused. The tag and
    /// the digest of <paramref name="repository"/> are ignored.
    /// </summary>
    public async Task<byte[]> ReadBlobAsync(RegistryReference repository, Descriptor blob, int maximumLength, CancellationToken cancellationToken)
    {
        if (blob.Size > maximumLength)
            throw new InputException($"the blob {blob.Digest} has {blob.Size} bytes; the limit is {maximumLength}", new(repository.Name));
        var bytes = new byte[blob.Size];
        await DownloadAsync(repository, blob, KeepAsync, null, cancellationToken);
        return bytes;

        ValueTask KeepAsync(ReadOnlyMemory<byte> piece, long offset)
        {
            piece.CopyTo(bytes.AsMemory((int)offset));
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>
    /// Downloads a blob into the empty file <paramref name="file"/>, and resumes after a lost connection. The file's
    /// content is verified only when the method returns. <paramref name="received"/> gets each number of bytes
    /// received, and a negative number when the download restarts. The tag and the digest of
    /// <paramref name="repository"/> are ignored.
    /// </summary>
    public Task DownloadBlobAsync(
        RegistryReference repository, Descriptor blob, SafeFileHandle file, IProgress<int>? received, CancellationToken cancellationToken)
    {
        return DownloadAsync(repository, blob, WriteAsync, received, cancellationToken);

        async ValueTask WriteAsync(ReadOnlyMemory<byte> piece, long offset)
        {
            try
            {
                await RandomAccess.WriteAsync(file, piece, offset, cancellationToken);
            }
            catch (IOException exception)
            {
                var why = JsonInput.Printable(exception.Message.TrimEnd('.'));
                throw new MachineException($"The blob {blob.Digest} can't be written: {why}", exception);
            }
        }
    }

    /// <summary>Asks whether the repository has the blob, with a token for pushing, because callers ask before they upload.</summary>
    public async Task<bool> HasBlobAsync(RegistryReference repository, Descriptor blob, CancellationToken cancellationToken)
    {
        var session = SessionOf(repository);
        using var slot = await session.EnterAsync(cancellationToken);
        return await BlobPresence.IsThereAsync(session, repository, blob, cancellationToken);
    }

    /// <summary>
    /// Mounts a blob from another repository of the same registry. <paramref name="fromRepository"/> is a name without
    /// the registry, such as <c>library/debian</c>.
    /// </summary>
    /// <returns>False if the registry does not mount the blob.</returns>
    public async Task<bool> TryMountBlobAsync(
        RegistryReference repository, Descriptor blob, string fromRepository, CancellationToken cancellationToken)
    {
        var session = SessionOf(repository);
        using var slot = await session.EnterAsync(cancellationToken);
        var query = $"mount={Uri.EscapeDataString(blob.Digest.ToString())}&from={Uri.EscapeDataString(fromRepository)}";
        var url = await session.UrlAsync(repository, $"blobs/uploads/?{query}", cancellationToken);
        Scope[] scopes = [Scope.Push(repository.Repository), Scope.Pull(fromRepository)];
        using var response = await PostAsync();
        if (response is null) return false;
        if (response.Status == HttpStatusCode.Created)
            return response.Header(DigestHeader) is null || response.Header(DigestHeader) == blob.Digest.ToString();
        if (Retrying.IsTransient(response.Status))
            throw await RegistryErrors.ReadAsync(response, repository, $"the blob {blob.Digest}", cancellationToken);

        // The registry began an upload instead of mounting. The DELETE spares the registry an abandoned upload.
        if (response.IsSuccess && response.Header("Location") is { } location)
        {
            var uploadUrl = session.Origin.Resolve(location, response.Url, "the upload URL");
            try
            {
                using var deleted = await session.SendOnceAsync(repository, new(HttpMethod.Delete, uploadUrl), [scopes[0]], cancellationToken);
            }
            catch (LostConnectionException)
            {
                // The registry discards abandoned uploads after a time of its own.
            }
        }

        return false;

        async Task<RegistryResponse?> PostAsync()
        {
            try
            {
                var request = new RegistryRequest(HttpMethod.Post, url) { Body = _ => new ByteArrayContent([]) };
                return await session.SendAsync(repository, request, scopes, cancellationToken);
            }
            catch (NotAllowedException)
            {
                // A user without pull access to the other repository can't mount from it, but may be allowed to upload the blob.
                return null;
            }
        }
    }

    /// <summary>
    /// Uploads a blob, and resumes after a lost connection at the byte that the registry confirms.
    /// <paramref name="openAt"/> opens the blob's bytes from an offset to the end; the client closes the stream.
    /// <paramref name="sent"/> gets each number of bytes sent, and a negative number for bytes that the registry did
    /// not keep.
    /// </summary>
    public async Task UploadBlobAsync(
        RegistryReference repository, Descriptor blob, Func<long, Stream> openAt, IProgress<int>? sent, CancellationToken cancellationToken)
    {
        var session = SessionOf(repository);
        using var slot = await session.EnterAsync(cancellationToken);
        await new BlobUpload(session, options, repository, blob, openAt, sent).RunAsync(cancellationToken);
    }

    /// <summary>Uploads a manifest or an index, whose blobs the repository has, under the tag or the digest of <paramref name="image"/>.</summary>
    /// <returns>Null if the registry took the document; the refusal if the registry does not take documents of its media type.</returns>
    public async Task<InputException?> PutManifestAsync(RegistryReference image, ManifestDocument manifest, CancellationToken cancellationToken)
    {
        if (image.Digest is not null && image.Digest != manifest.Digest)
            throw new ArgumentException("The reference has another digest than the manifest.", nameof(image));
        var session = SessionOf(image);
        using var slot = await session.EnterAsync(cancellationToken);
        var request = new RegistryRequest(HttpMethod.Put, await session.UrlAsync(image, $"manifests/{image.Selector}", cancellationToken))
        {
            Body = _ => new ReadOnlyMemoryContent(manifest.Bytes) { Headers = { ContentType = new MediaTypeHeaderValue(manifest.MediaType) } },
        };
        using var response = await session.SendAsync(image, request, [Scope.Push(image.Repository)], cancellationToken);
        if (!response.IsSuccess)
        {
            var refusal = await RegistryErrors.ReadAsync(response, image, "the manifest", cancellationToken);
            return refusal is InputException input && RegistryErrors.IsAboutMediaType(response.Status, input.Message) ? input : throw refusal;
        }

        if (response.Header(DigestHeader) is { } digest && digest != manifest.Digest.ToString())
            throw new InputException($"the registry reports another digest than {manifest.Digest} for the manifest", new(image.ToString()));
        return null;
    }

    /// <summary>Closes the connections to all registries.</summary>
    public void Dispose()
    {
        foreach (var session in _sessions.Values) session.Value.Dispose();
        _credentials.Dispose();
    }

    private static Scope[] PullOf(RegistryReference image) => [Scope.Pull(image.Repository)];

    private static async Task<RegistryRequest> ManifestRequestAsync(
        RegistrySession session, HttpMethod method, RegistryReference image, CancellationToken cancellationToken) =>
        new(method, await session.UrlAsync(image, $"manifests/{image.Selector}", cancellationToken)) { Accept = Accepted };

    // Null if a header is missing or has no usable value.
    private static Descriptor? Described(RegistryResponse response, RegistryReference image)
    {
        var mediaType = response.Header("Content-Type")?.Split(';')[0].Trim();
        if (mediaType is null || !(MediaTypes.IsIndex(mediaType) || MediaTypes.IsManifest(mediaType))) return null;
        if (response.Length is not { } length) return null;
        if (!Digest.TryParse(response.Header(DigestHeader), out var digest)) return null;
        return image.Digest is null || image.Digest == digest ? new(mediaType, digest, length)
            : throw new InputException($"the registry reports the digest {digest} for the manifest", new(image.ToString()));
    }

    private async Task DownloadAsync(RegistryReference repository, Descriptor blob, Func<ReadOnlyMemory<byte>, long, ValueTask> writeAsync,
        IProgress<int>? received, CancellationToken cancellationToken)
    {
        var session = SessionOf(repository);
        using var slot = await session.EnterAsync(cancellationToken);
        using var download = new BlobDownload(session, options, repository, blob);
        await download.RunAsync(writeAsync, received, cancellationToken);
    }

    private RegistrySession SessionOf(RegistryReference image) =>
        _sessions.GetOrAdd(image.Registry, _ => new(() => new(options, image, _credentials))).Value;
}
