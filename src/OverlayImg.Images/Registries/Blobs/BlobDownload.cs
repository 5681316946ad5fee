using System.Net;
using System.Security.Cryptography;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries.Authentication;
using OverlayImg.Images.Registries.Options;
using OverlayImg.Images.Registries.Transport;
using OverlayImg.Images.Streams;

namespace OverlayImg.Images.Registries.Blobs;

/// <summary>Downloads one blob with a size limit, hashes it on the way, and resumes after a lost connection.</summary>
internal sealed class BlobDownload(RegistrySession session, RegistryOptions options, RegistryReference repository, Descriptor blob) : IDisposable
{
    private const int BufferSize = 256 << 10;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _position;

    // Whether a response with the blob has begun. From then on the blob's own retry budget limits the attempts, instead
    // of the limit for requests.
    private bool _hasBegun;
    private TimeSpan? _wait;

    // Whether the server's range responses can't be used. Then the whole blob is requested.
    private bool _sendsNoParts;

    // The URL of a foreign layer that the registry does not have.
    private Uri? _foreignUrl;

    /// <summary>
    /// Downloads the blob. <paramref name="writeAsync"/> stores bytes at an offset. Offsets ascend, but the download
    /// may restart at offset 0; <paramref name="received"/> then gets a negative number.
    /// </summary>
    public async Task RunAsync(
        Func<ReadOnlyMemory<byte>, long, ValueTask> writeAsync, IProgress<int>? received, CancellationToken cancellationToken)
    {
        var budget = new RetryBudget(options.Limits);
        while (!await TryAsync(budget, writeAsync, received, cancellationToken))
            await session.Retrying.PauseAsync(budget.FailuresInARow, _wait, cancellationToken);

        if (Digest.FromHash(_hash.GetHashAndReset()) != blob.Digest) throw Wrong("does not match its digest");
    }

    public void Dispose() => _hash.Dispose();

    private async Task<bool> TryAsync(
        RetryBudget budget, Func<ReadOnlyMemory<byte>, long, ValueTask> writeAsync, IProgress<int>? received, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await OpenAsync(cancellationToken);
            await AcceptAsync(response, received, cancellationToken);
            _hasBegun = true;
            await ReceiveAsync(response, writeAsync, received, cancellationToken);
            return true;
        }
        catch (LostConnectionException) when (_hasBegun && _position == blob.Size)
        {
            // All bytes have arrived. The digest verifies them, so an abrupt end of the connection does not matter.
            return true;
        }
        catch (LostConnectionException lost) when (_hasBegun && budget.TryRetry(_position))
        {
            _wait = lost.Wait;
            return false;
        }
    }

    private async Task<RegistryResponse> OpenAsync(CancellationToken cancellationToken)
    {
        if (_foreignUrl is not null) return await OpenForeignAsync(_foreignUrl, cancellationToken);
        var url = await session.UrlAsync(repository, $"blobs/{blob.Digest}", cancellationToken);
        var request = new RegistryRequest(HttpMethod.Get, url) { From = Start };
        Scope[] scopes = [Scope.Pull(repository.Repository)];
        var response = await OpenAsync(() => session.SendOnceAsync(repository, request, scopes, cancellationToken), cancellationToken);
        if (response.Status != HttpStatusCode.NotFound || blob.Urls.Count == 0 || !MediaTypes.IsForeignLayer(blob.MediaType)) return response;
        response.Dispose();
        foreach (var other in ForeignUrls())
        {
            response.Dispose();
            response = await OpenForeignAsync(other, cancellationToken);
            _foreignUrl = other;
            if (response.IsSuccess) break;
        }

        return response;
    }

    // The author of the manifest chose these URLs, so their servers get no credentials (CVE-2020-15157).
    private Uri[] ForeignUrls() =>
    [
        .. blob.Urls.Select(text => ExactUri.Parse(text) is { } url
            ? session.Origin.Check(url, needsTls: false, "a layer's URL") : throw Wrong("has an invalid URL in the manifest")),
    ];

    private Task<RegistryResponse> OpenForeignAsync(Uri url, CancellationToken cancellationToken) =>
        OpenAsync(() => session.SendElsewhereAsync(repository, new(HttpMethod.Get, url) { From = Start }, cancellationToken), cancellationToken);

    private Task<RegistryResponse> OpenAsync(Func<Task<RegistryResponse>> sendOnceAsync, CancellationToken cancellationToken) =>
        _hasBegun ? sendOnceAsync() : session.Retrying.SendAsync(sendOnceAsync, cancellationToken);

    // Checks that the response's body is the blob from the current position on.
    private async Task AcceptAsync(RegistryResponse response, IProgress<int>? received, CancellationToken cancellationToken)
    {
        var end = blob.Size;
        if (response.Status == HttpStatusCode.RequestedRangeNotSatisfiable && _position > 0) throw WithoutParts(received);

        // A proxy that changed the response sets the status 203 (RFC 9110, 15.3.4).
        if (response.Status is HttpStatusCode.OK or HttpStatusCode.NonAuthoritativeInformation)
        {
            StartOver(received);
            // Some servers send Content-Encoding with a blob that is a compressed file. A body of exactly the blob's
            // size is the blob itself.
            response.IgnoresCoding = response.SentLength == blob.Size;
            _sendsNoParts |= response.IsCoded;
        }
        else if (response.Status == HttpStatusCode.PartialContent && _position > 0)
        {
            end = EndOfPart(response) ?? throw WithoutParts(received);
        }
        else
        {
            if (response.IsSuccess) throw Wrong($"is answered with the status {(int)response.Status}");
            var refusal = await RegistryErrors.ReadAsync(response, repository, $"the blob {blob.Digest}", cancellationToken);
            throw _hasBegun ? session.Retrying.LostWhere(Retrying.IsTransient(response.Status), refusal, response) : refusal;
        }

        if (response.Length is { } length && length != end - _position) throw Wrong($"is sent with {length} bytes instead of {end - _position}");
    }

    private long Start => _sendsNoParts ? 0 : _position;

    // The offset after the last byte of a range response; null if it is not usable: several ranges, another range, or a
    // range of an encoded blob.
    private long? EndOfPart(RegistryResponse response)
    {
        if (response.Header("Content-Type")?.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase) == true) return null;
        if (ContentRange.Parse(response.Header("Content-Range")) is not { } range || range.Last < range.First) return null;
        if (range.Last >= blob.Size || (range.Total is { } total && total != blob.Size))
            throw Wrong($"is continued as a blob of {Math.Max(range.Total ?? 0, range.Last + 1)} bytes, not {blob.Size}");
        response.IgnoresCoding = response.SentLength == range.Last + 1 - range.First;
        return range.First == _position && !response.IsCoded ? range.Last + 1 : null;
    }

    private LostConnectionException WithoutParts(IProgress<int>? received)
    {
        _sendsNoParts = true;
        StartOver(received);
        return new($"{session.Origin.Name} does not resume the blob {blob.Digest} where the download broke off");
    }

    private async Task ReceiveAsync(
        RegistryResponse response, Func<ReadOnlyMemory<byte>, long, ValueTask> writeAsync, IProgress<int>? received,
        CancellationToken cancellationToken)
    {
        var buffer = new byte[(int)Math.Min(BufferSize, blob.Size + 1)];
        while (_position < blob.Size || response.Length is null)
        {
            // Asking for one byte more than is left detects a body that is too long.
            var count = await response.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, blob.Size - _position + 1)), cancellationToken);
            if (count == 0) break;
            if (count > blob.Size - _position) throw Wrong($"has more than its {blob.Size} bytes");
            _hash.AppendData(buffer, 0, count);
            await writeAsync(buffer.AsMemory(0, count), _position);
            _position += count;
            received?.Report(count);
        }

        if (_position < blob.Size) throw new LostConnectionException($"{session.Origin.Name} breaks off in the middle of the blob {blob.Digest}");
    }

    private void StartOver(IProgress<int>? received)
    {
        _hash.GetHashAndReset();
        received?.ReportAll(-_position);
        _position = 0;
    }

    private InputException Wrong(string what) => new($"the blob {blob.Digest} {what}", new(repository.Name));
}
