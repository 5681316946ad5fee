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
/// Asks registries for images and gives them some (distribution-spec). Trusts nothing that they say: all that comes is bounded and compared with its digest, and secrets
/// and requests go only where they belong. One for each run; may be used by several threads, of which four at a time talk to a registry.
/// </summary>
/// <remarks>
/// Every method throws <see cref="InputException"/> where a registry lacks what it is asked for, or sends anything else, and <see cref="MachineException"/> where it
/// can't be reached, or does not allow it.
/// </remarks>
public sealed class RegistryClient(RegistryOptions options) : IDisposable
{
    private const string DigestHeader = "Docker-Content-Digest";
    private const string Accepted = $"{MediaTypes.OciIndex}, {MediaTypes.OciManifest}, {MediaTypes.DockerManifestList}, {MediaTypes.DockerManifest}";

    private readonly CredentialSource _credentials = new(options);
    private readonly ConcurrentDictionary<string, Lazy<RegistrySession>> _sessions = new(StringComparer.Ordinal);

    /// <summary>Fetches a manifest or an index, by its digest, or by the tag as it is now.</summary>
    public async Task<ManifestDocument> GetManifestAsync(RegistryReference image, CancellationToken cancellationToken)
    {
        var session = SessionOf(image);
        var where = new InputLocation(image.ToString());
        using var slot = await session.EnterAsync(cancellationToken);
        var request = await ManifestRequestAsync(session, HttpMethod.Get, image, cancellationToken);
        return await session.SendAsync(image, request, PullOf(image), ReadAsync, cancellationToken);

        async Task<ManifestDocument> ReadAsync(RegistryResponse answer)
        {
            using var response = answer;
            if (response.Status == HttpStatusCode.NotFound) throw new InputException("there is no such image in the registry", where);
            if (!response.IsSuccess) throw await RegistryErrors.ReadAsync(response, image, "the manifest", cancellationToken);
            var bytes = await response.ReadToEndAsync(ManifestDocument.MaximumLength, cancellationToken);
            if (bytes.Length > ManifestDocument.MaximumLength)
                throw new InputException($"the manifest has more than {ManifestDocument.MaximumLength} bytes, which are not read", where);
            if (image.Digest is not null && image.Digest != Digest.Of(bytes)) throw new InputException("the manifest has other bytes than its digest says", where);
            return ManifestDocument.Parse(bytes, response.Header("Content-Type"), where);
        }
    }

    /// <summary>What the registry says of a manifest, without fetching it (which Docker Hub would count).</summary>
    /// <returns>Null where the registry says too little, or refuses the question.</returns>
    /// <remarks>Registries refuse HEAD in many ways, and some name a wrong digest: only the manifest itself tells that there is none, or which it is.</remarks>
    public async Task<Descriptor?> DescribeManifestAsync(RegistryReference image, CancellationToken cancellationToken)
    {
        var session = SessionOf(image);
        using var slot = await session.EnterAsync(cancellationToken);
        var request = await ManifestRequestAsync(session, HttpMethod.Head, image, cancellationToken);
        using var response = await session.SendAsync(image, request, PullOf(image), cancellationToken);
        if (response.Status == HttpStatusCode.TooManyRequests) throw await RegistryErrors.ReadAsync(response, image, "the manifest", cancellationToken);
        return response.IsSuccess ? Described(response, image) : null;
    }

    /// <summary>Fetches a small blob.</summary>
    /// <param name="repository">Where it is; tag and digest do not matter.</param>
    /// <param name="blob">What a manifest says of it.</param>
    /// <param name="maximumLength">A bigger one is refused, in bytes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<byte[]> ReadBlobAsync(RegistryReference repository, Descriptor blob, int maximumLength, CancellationToken cancellationToken)
    {
        if (blob.Size > maximumLength)
            throw new InputException($"the blob {blob.Digest} has {blob.Size} bytes; more than {maximumLength} are not read", new(repository.Name));
        var bytes = new byte[blob.Size];
        await DownloadAsync(repository, blob, KeepAsync, null, cancellationToken);
        return bytes;

        ValueTask KeepAsync(ReadOnlyMemory<byte> piece, long offset)
        {
            piece.CopyTo(bytes.AsMemory((int)offset));
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>Fetches a blob into a file, and goes on where it was when the connection is cut. What is written counts only when the method has returned.</summary>
    /// <param name="repository">Where it is; tag and digest do not matter.</param>
    /// <param name="blob">What a manifest says of it.</param>
    /// <param name="file">An empty file, written from its beginning.</param>
    /// <param name="received">Told of each number of bytes that came; less than none where it had to begin anew.</param>
    /// <param name="cancellationToken">Ends it.</param>
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
                throw new MachineException($"The blob {blob.Digest} can't be written: {JsonInput.Printable(exception.Message.TrimEnd('.'))}", exception);
            }
        }
    }

    /// <summary>Whether the repository has the blob already; for who is going to send it.</summary>
    public async Task<bool> HasBlobAsync(RegistryReference repository, Descriptor blob, CancellationToken cancellationToken)
    {
        var session = SessionOf(repository);
        using var slot = await session.EnterAsync(cancellationToken);
        return await BlobPresence.IsThereAsync(session, repository, blob, cancellationToken);
    }

    /// <summary>Gives the repository a blob that another repository of the same registry has; false where the registry does not.</summary>
    /// <param name="repository">Where it shall be.</param>
    /// <param name="blob">The blob.</param>
    /// <param name="fromRepository">Where it is, without the registry, such as <c>library/debian</c>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<bool> TryMountBlobAsync(RegistryReference repository, Descriptor blob, string fromRepository, CancellationToken cancellationToken)
    {
        var session = SessionOf(repository);
        using var slot = await session.EnterAsync(cancellationToken);
        var query = $"mount={Uri.EscapeDataString(blob.Digest.ToString())}&from={Uri.EscapeDataString(fromRepository)}";
        var url = await session.UrlAsync(repository, $"blobs/uploads/?{query}", cancellationToken);
        Scope[] scopes = [Scope.Push(repository.Repository), Scope.Pull(fromRepository)];
        using var response = await AskAsync();
        if (response is null) return false;
        if (response.Status == HttpStatusCode.Created)
            return response.Header(DigestHeader) is null || response.Header(DigestHeader) == blob.Digest.ToString();
        if (Retrying.IsTransient(response.Status)) throw await RegistryErrors.ReadAsync(response, repository, $"the blob {blob.Digest}", cancellationToken);

        // The registry began an upload instead. Not ending it would only leave the registry something to sweep up.
        if (response.IsSuccess && response.Header("Location") is { } location)
        {
            var place = session.Origin.Resolve(location, response.Url, "the place of an upload");
            try
            {
                using var ended = await session.SendOnceAsync(repository, new(HttpMethod.Delete, place), [scopes[0]], cancellationToken);
            }
            catch (LostConnectionException)
            {
                // Then it sweeps up by itself, some day.
            }
        }

        return false;

        async Task<RegistryResponse?> AskAsync()
        {
            try
            {
                return await session.SendAsync(repository, new(HttpMethod.Post, url) { Body = _ => new ByteArrayContent([]) }, scopes, cancellationToken);
            }
            catch (NotAllowedException)
            {
                // Who may not fetch from the other repository can't mount from it, but may be allowed to send the blob itself.
                return null;
            }
        }
    }

    /// <summary>Sends a blob, and goes on where the registry was when the connection is cut.</summary>
    /// <param name="repository">Where it shall be.</param>
    /// <param name="blob">The blob.</param>
    /// <param name="openAt">Opens the blob's bytes from an offset to their end; closed after use.</param>
    /// <param name="sent">Told of each number of bytes that went; less than none where the registry kept less.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task UploadBlobAsync(
        RegistryReference repository, Descriptor blob, Func<long, Stream> openAt, IProgress<int>? sent, CancellationToken cancellationToken)
    {
        var session = SessionOf(repository);
        using var slot = await session.EnterAsync(cancellationToken);
        await new BlobUpload(session, options, repository, blob, openAt, sent).RunAsync(cancellationToken);
    }

    /// <summary>Names an image, or puts one that is named by its digest, when its blobs are there.</summary>
    /// <param name="image">Its repository, and the tag or the manifest's digest.</param>
    /// <param name="manifest">The manifest or index.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Null when it is put; the refusal where the registry does not take documents of its media type.</returns>
    public async Task<InputException?> PutManifestAsync(RegistryReference image, ManifestDocument manifest, CancellationToken cancellationToken)
    {
        if (image.Digest is not null && image.Digest != manifest.Digest) throw new ArgumentException("A manifest is put under its own digest.", nameof(image));
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
            throw new InputException($"the registry took the manifest {manifest.Digest} for another", new(image.ToString()));
        return null;
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose()
    {
        foreach (var session in _sessions.Values) session.Value.Dispose();
        _credentials.Dispose();
    }

    private static Scope[] PullOf(RegistryReference image) => [Scope.Pull(image.Repository)];

    private static async Task<RegistryRequest> ManifestRequestAsync(
        RegistrySession session, HttpMethod method, RegistryReference image, CancellationToken cancellationToken) =>
        new(method, await session.UrlAsync(image, $"manifests/{image.Selector}", cancellationToken)) { Accept = Accepted };

    // Null where the headers do not say all of it.
    private static Descriptor? Described(RegistryResponse response, RegistryReference image)
    {
        var mediaType = response.Header("Content-Type")?.Split(';')[0].Trim();
        if (mediaType is null || !(MediaTypes.IsIndex(mediaType) || MediaTypes.IsManifest(mediaType)) || response.Length is not { } length) return null;
        if (!Digest.TryParse(response.Header(DigestHeader), out var digest)) return null;
        return image.Digest is null || image.Digest == digest ? new(mediaType, digest, length)
            : throw new InputException($"the registry says that this is {digest}", new(image.ToString()));
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
