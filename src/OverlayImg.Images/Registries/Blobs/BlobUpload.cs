using System.Globalization;
using System.Net;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries.Authentication;
using OverlayImg.Images.Registries.Options;
using OverlayImg.Images.Registries.Transport;
using OverlayImg.Images.Streams;

namespace OverlayImg.Images.Registries.Blobs;

/// <summary>
/// Uploads one blob (OCI Distribution Specification, "Pushing blobs"): in one request, or in chunks if the registry
/// asks for chunks, a proxy refuses large requests, or the connection was lost.
/// </summary>
internal sealed class BlobUpload(
    RegistrySession session, RegistryOptions options, RegistryReference repository, Descriptor blob, Func<long, Stream> openAt, IProgress<int>? sent)
{
    // Length in bytes above which a request waits for "100 Continue".
    private const long WorthAsking = 64 << 10;

    private readonly Scope[] _scopes = [Scope.Push(repository.Repository)];
    private Uri? _uploadUrl;

    // Whether an upload has begun. From then on the blob's own retry budget limits the attempts, instead of the limit for requests.
    private bool _hasBegun;

    // Number of bytes that the registry has confirmed, and number of bytes reported to the user.
    private long _kept;
    private long _told;

    // Size of a chunk in bytes; null for an upload in one request.
    private long? _chunk;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var isCut = false;
        for (var budget = new RetryBudget(options.Limits); ;)
        {
            try
            {
                if (isCut && await IsThereAsync(cancellationToken)) return;
                isCut = false;
                if (_uploadUrl is null) await BeginAsync(cancellationToken);
                if (await SendAsync(cancellationToken)) return;
            }
            catch (LostConnectionException lost) when (_hasBegun && budget.TryRetry(_kept))
            {
                isCut = true;
                await session.Retrying.PauseAsync(budget.FailuresInARow, lost.Wait, cancellationToken);
            }
        }
    }

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        var url = await session.UrlAsync(repository, "blobs/uploads/", cancellationToken);
        var request = new RegistryRequest(HttpMethod.Post, url) { Body = _ => new ByteArrayContent([]) };
        using var response = _hasBegun ? await session.SendOnceAsync(repository, request, _scopes, cancellationToken)
            : await session.SendAsync(repository, request, _scopes, cancellationToken);
        if (!response.IsSuccess)
        {
            var refusal = await RegistryErrors.ReadAsync(response, repository, "an upload", cancellationToken);
            throw session.Retrying.LostWhere(_hasBegun && Retrying.IsTransient(response.Status), refusal, response);
        }

        MoveTo(response);
        if (_uploadUrl is null) throw Wrong("can't be uploaded: the registry names no upload URL");
        _hasBegun = true;
        if (long.TryParse(response.Header("OCI-Chunk-Min-Length"), NumberStyles.None, CultureInfo.InvariantCulture, out var least) && least > 0)
            _chunk = Math.Max(_chunk ?? options.Limits.Chunk, least);
    }

    // False if the upload has to start again in chunks.
    private async Task<bool> SendAsync(CancellationToken cancellationToken)
    {
        if (_chunk is null && _kept == 0) return await PutAsync(blob.Size, cancellationToken);
        while (_kept < blob.Size) await PatchAsync(Math.Min(_chunk ??= options.Limits.Chunk, blob.Size - _kept), cancellationToken);
        return await PutAsync(0, cancellationToken);
    }

    private async Task<bool> PutAsync(long length, CancellationToken cancellationToken)
    {
        var url = ExactUri.Add(_uploadUrl!, $"digest={Uri.EscapeDataString(blob.Digest.ToString())}");
        using var response = await session.SendOnceAsync(repository, Request(HttpMethod.Put, url, length), _scopes, cancellationToken);
        if (response.Status == HttpStatusCode.RequestEntityTooLarge && length > options.Limits.SmallestChunk)
        {
            _chunk = options.Limits.Chunk;
            Forget();
            return false;
        }

        await RequireAsync(response, cancellationToken);
        if (response.Header("Docker-Content-Digest") is { } digest && digest != blob.Digest.ToString())
            throw Wrong("is stored by the registry under another digest");
        Keep(blob.Size);
        return true;
    }

    private async Task PatchAsync(long length, CancellationToken cancellationToken)
    {
        using var response = await session.SendOnceAsync(repository, Request(HttpMethod.Patch, _uploadUrl!, length), _scopes, cancellationToken);
        if (response.Status == HttpStatusCode.RequestEntityTooLarge && length / 4 >= options.Limits.SmallestChunk)
        {
            _chunk = length / 4;
            Keep(_kept);
            return;
        }

        await RequireAsync(response, cancellationToken);
        var kept = ContentRange.ParseKept(response.Header("Range")) ?? _kept + length;
        if (kept <= _kept || kept > _kept + length)
            throw new LostConnectionException($"{session.Origin.Name} confirms other bytes of the blob {blob.Digest} than were sent");
        MoveTo(response);
        Keep(kept);
    }

    private async Task RequireAsync(RegistryResponse response, CancellationToken cancellationToken)
    {
        if (response.IsSuccess) return;
        var refusal = await RegistryErrors.ReadAsync(response, repository, $"the blob {blob.Digest}", cancellationToken);
        var isTransient = Retrying.IsTransient(response.Status)
            || response.Status is HttpStatusCode.NotFound or HttpStatusCode.RequestedRangeNotSatisfiable;
        throw session.Retrying.LostWhere(isTransient, refusal, response);
    }

    // After a lost connection: true if the registry has the whole blob. Else finds the position to resume at, or
    // restarts if the upload is gone.
    private async Task<bool> IsThereAsync(CancellationToken cancellationToken)
    {
        _chunk ??= options.Limits.Chunk;
        if (_uploadUrl is not null)
        {
            using var response = await session.SendOnceAsync(repository, new(HttpMethod.Get, _uploadUrl), _scopes, cancellationToken);
            if (Retrying.IsTransient(response.Status)) await RequireAsync(response, cancellationToken);
            if (response.IsSuccess && ContentRange.ParseKept(response.Header("Range")) is { } kept && kept <= blob.Size)
            {
                MoveTo(response);
                Keep(kept);
                return false;
            }
        }

        var request = await BlobPresence.RequestAsync(session, repository, blob, cancellationToken);
        using var presence = await session.SendOnceAsync(repository, request, _scopes, cancellationToken);
        if (presence.Status != HttpStatusCode.NotFound) await RequireAsync(presence, cancellationToken);
        if (BlobPresence.IsConfirmed(presence, blob))
        {
            Keep(blob.Size);
            return true;
        }

        Forget();
        return false;
    }

    private RegistryRequest Request(HttpMethod method, Uri url, long length)
    {
        var start = _kept;
        return new(method, url) { Body = Body, ExpectsContinue = length > WorthAsking };

        HttpContent Body(StallWatch watch)
        {
            Keep(start);
            var content = new BlobContent(() => openAt(start), length, blob.Size, watch, Sent);
            content.Headers.TryAddWithoutValidation("Content-Type", "application/octet-stream");
            var range = string.Create(CultureInfo.InvariantCulture, $"{start}-{start + length - 1}");
            if (method == HttpMethod.Patch) content.Headers.TryAddWithoutValidation("Content-Range", range);
            return content;
        }
    }

    private void Sent(int bytes)
    {
        _told += bytes;
        sent?.Report(bytes);
    }

    private void Keep(long kept)
    {
        sent?.ReportAll(kept - _told);
        (_kept, _told) = (kept, kept);
    }

    private void MoveTo(RegistryResponse response)
    {
        if (response.Header("Location") is { } location) _uploadUrl = session.Origin.Resolve(location, response.Url, "the upload URL");
    }

    private void Forget()
    {
        _uploadUrl = null;
        Keep(0);
    }

    private InputException Wrong(string what) => new($"the blob {blob.Digest} {what}", new(repository.Name));
}
