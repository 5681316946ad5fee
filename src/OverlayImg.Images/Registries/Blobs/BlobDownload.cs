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

/// <summary>Fetches one blob: bounded by its size, hashed as it comes, taken up again where it broke off.</summary>
internal sealed class BlobDownload(RegistrySession session, RegistryOptions options, RegistryReference repository, Descriptor blob) : IDisposable
{
    private const int BufferSize = 256 << 10;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _position;

    // Whether the blob, or a part of it, was on its way once: how often it is asked for from then on, its own retry budget decides.
    private bool _hasBegun;
    private TimeSpan? _wait;

    // Whether the server sends parts that can't be used: then only the whole blob is asked for.
    private bool _sendsNoParts;
    private Uri? _elsewhere;

    /// <summary>Fetches it.</summary>
    /// <param name="writeAsync">Keeps bytes at an offset; they come in order, but may begin anew.</param>
    /// <param name="received">Told of each number of bytes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(Func<ReadOnlyMemory<byte>, long, ValueTask> writeAsync, IProgress<int>? received, CancellationToken cancellationToken)
    {
        var budget = new RetryBudget(options.Limits);
        while (!await TryAsync(budget, writeAsync, received, cancellationToken))
            await session.Retrying.PauseAsync(budget.FailuresInARow, _wait, cancellationToken);

        if (Digest.FromHash(_hash.GetHashAndReset()) != blob.Digest) throw Wrong("has other bytes than its digest says");
    }

    public void Dispose() => _hash.Dispose();

    private async Task<bool> TryAsync(RetryBudget budget, Func<ReadOnlyMemory<byte>, long, ValueTask> writeAsync, IProgress<int>? received,
        CancellationToken cancellationToken)
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
            // All is there. How its connection ended says nothing about it; the digest does.
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
        if (_elsewhere is not null) return await OpenElsewhereAsync(_elsewhere, cancellationToken);
        var url = await session.UrlAsync(repository, $"blobs/{blob.Digest}", cancellationToken);
        var request = new RegistryRequest(HttpMethod.Get, url) { From = Start };
        var response = await OpenAsync(() => session.SendOnceAsync(repository, request, [Scope.Pull(repository.Repository)], cancellationToken), cancellationToken);
        if (response.Status != HttpStatusCode.NotFound || blob.Urls.Count == 0 || !MediaTypes.IsForeignLayer(blob.MediaType)) return response;
        response.Dispose();
        foreach (var other in ForeignUrls())
        {
            response.Dispose();
            response = await OpenElsewhereAsync(other, cancellationToken);
            _elsewhere = other;
            if (response.IsSuccess) break;
        }

        return response;
    }

    // Whoever wrote the manifest wrote these: nothing of the user's goes there (CVE-2020-15157).
    private Uri[] ForeignUrls() =>
    [
        .. blob.Urls.Select(text => ExactUri.Parse(text) is { } url
            ? session.Origin.Check(url, needsTls: false, "a layer's URL") : throw Wrong("is said to be at what is no URL")),
    ];

    private Task<RegistryResponse> OpenElsewhereAsync(Uri url, CancellationToken cancellationToken) =>
        OpenAsync(() => session.SendElsewhereAsync(repository, new(HttpMethod.Get, url) { From = Start }, cancellationToken), cancellationToken);

    private Task<RegistryResponse> OpenAsync(Func<Task<RegistryResponse>> sendOnceAsync, CancellationToken cancellationToken) =>
        _hasBegun ? sendOnceAsync() : session.Retrying.SendAsync(sendOnceAsync, cancellationToken);

    // Makes sure that what follows is the blob from where we are.
    private async Task AcceptAsync(RegistryResponse response, IProgress<int>? received, CancellationToken cancellationToken)
    {
        var end = blob.Size;
        if (response.Status == HttpStatusCode.RequestedRangeNotSatisfiable && _position > 0) throw WithoutParts(received);

        // A proxy that changed the answer says 203 (RFC 9110, 15.3.4).
        if (response.Status is HttpStatusCode.OK or HttpStatusCode.NonAuthoritativeInformation)
        {
            StartOver(received);
            // A coded body of exactly the blob's size is the blob: the server takes a compressed file for a coding.
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

        if (response.Length is { } length && length != end - _position) throw Wrong($"has {length} bytes where {end - _position} should be");
    }

    private long Start => _sendsNoParts ? 0 : _position;

    // The end of what a part has; null where the part can't be used: several ranges, another range, or a range of a coded blob.
    private long? EndOfPart(RegistryResponse response)
    {
        if (response.Header("Content-Type")?.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase) == true) return null;
        if (ContentRange.Parse(response.Header("Content-Range")) is not { } range || range.Last < range.First) return null;
        if (range.Last >= blob.Size || (range.Total is { } total && total != blob.Size))
            throw Wrong($"is continued as one of {Math.Max(range.Total ?? 0, range.Last + 1)} bytes, not {blob.Size}");
        response.IgnoresCoding = response.SentLength == range.Last + 1 - range.First;
        return range.First == _position && !response.IsCoded ? range.Last + 1 : null;
    }

    private LostConnectionException WithoutParts(IProgress<int>? received)
    {
        _sendsNoParts = true;
        StartOver(received);
        return new($"{session.Origin.Name} does not go on with {blob.Digest} where it broke off");
    }

    private async Task ReceiveAsync(
        RegistryResponse response, Func<ReadOnlyMemory<byte>, long, ValueTask> writeAsync, IProgress<int>? received, CancellationToken cancellationToken)
    {
        var buffer = new byte[(int)Math.Min(BufferSize, blob.Size + 1)];
        while (_position < blob.Size || response.Length is null)
        {
            // One byte more than there should be tells of a body that goes on.
            var count = await response.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, blob.Size - _position + 1)), cancellationToken);
            if (count == 0) break;
            if (count > blob.Size - _position) throw Wrong($"has more than its {blob.Size} bytes");
            _hash.AppendData(buffer, 0, count);
            await writeAsync(buffer.AsMemory(0, count), _position);
            _position += count;
            received?.Report(count);
        }

        if (_position < blob.Size) throw new LostConnectionException($"{session.Origin.Name} breaks off in the middle of {blob.Digest}");
    }

    private void StartOver(IProgress<int>? received)
    {
        _hash.GetHashAndReset();
        received?.ReportAll(-_position);
        _position = 0;
    }

    private InputException Wrong(string what) => new($"the blob {blob.Digest} {what}", new(repository.Name));
}
