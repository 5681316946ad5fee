using System.IO.Compression;
using System.Net;
using OverlayImg.Images.Json;
using OverlayImg.Images.Registries.Credentials;

namespace OverlayImg.Images.Registries.Transport;

/// <summary>An answer whose body is still to come.</summary>
internal sealed class RegistryResponse(HttpResponseMessage message, RegistryRequest request, string from, StallWatch watch) : IDisposable
{
    private const int BufferSize = 64 << 10;
    private Stream? _body;

    public HttpStatusCode Status => message.StatusCode;

    public bool IsSuccess => message.IsSuccessStatusCode;

    /// <summary>Whose answer it is, redirects followed.</summary>
    public Uri Url => request.Url;

    /// <summary>Bytes of the body, where the server says so; null for a body in a content coding.</summary>
    public long? Length => IsCoded ? null : message.Content.Headers.ContentLength;

    /// <summary>Bytes of the body as it is sent, in its content coding if it has one; null where the server does not say.</summary>
    public long? SentLength => message.Content.Headers.ContentLength;

    /// <summary>Whether the body is in a content coding, which <see cref="ReadAsync"/> undoes unless <see cref="IgnoresCoding"/> is set.</summary>
    public bool IsCoded => !IgnoresCoding && Coding is not null;

    /// <summary>Whether the body is read as it is sent: some servers name a coding for blobs that are compressed files.</summary>
    public bool IgnoresCoding { get; set; }

    /// <summary>Why a credential helper could not be asked for the registry; null where that is not the case.</summary>
    public MachineException? HelperFailure { get; set; }

    /// <summary>The header's first value; null where it is missing.</summary>
    public string? Header(string name) => Headers(name) is [var first, ..] ? first : null;

    /// <summary>All values of a header, as they came.</summary>
    public IReadOnlyList<string> Headers(string name) =>
        message.Headers.NonValidated.TryGetValues(name, out var values) ? [.. values]
        : message.Content.Headers.NonValidated.TryGetValues(name, out var others) ? [.. others] : [];

    /// <summary>Whether a text from the answer, whole and as it came, may tell one of the secrets that were asked with.</summary>
    public bool MayEcho(string text) => request.HasSecretBody || Credential.SecretsOf(request.Authorization).Any(text.Contains);

    /// <summary>Reads on in the body; 0 at its end.</summary>
    /// <exception cref="LostConnectionException">The connection broke, or stands still.</exception>
    /// <exception cref="InputException">The body is in an unknown content coding, or not in the one that the server names.</exception>
    public async Task<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            _body ??= Decoded(await message.Content.ReadAsStreamAsync(watch.Token));
            var count = await _body.ReadAsync(buffer, watch.Token);
            watch.Moved(count);
            return count;
        }
        catch (OperationCanceledException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new LostConnectionException($"{from} stands still in the middle of an answer", exception);
        }
        catch (InvalidDataException exception)
        {
            throw new InputException($"answers with a body that is not in its content coding '{JsonInput.Printable(Coding ?? "")}'", new(from), exception);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            throw new LostConnectionException($"{from} breaks off in the middle of an answer", exception);
        }
    }

    /// <summary>Reads all of a document's body, or its first <paramref name="limit"/> bytes and one more, whose presence says that it is too long.</summary>
    /// <exception cref="LostConnectionException">The connection broke, or stands still, or takes too long for a document.</exception>
    public async Task<byte[]> ReadToEndAsync(int limit, CancellationToken cancellationToken)
    {
        watch.AwaitDocument();
        using var all = new MemoryStream();
        var buffer = new byte[BufferSize];
        while (all.Length <= limit)
        {
            var count = await ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, limit + 1 - all.Length)), cancellationToken);
            if (count == 0) break;
            all.Write(buffer, 0, count);
        }

        return all.ToArray();
    }

    public void Dispose()
    {
        _body?.Dispose();
        message.Dispose();
        watch.Dispose();
    }

    // Every request asks for none. Servers and proxies that compress all the same use these.
    private string? Coding => Header("Content-Encoding")?.Trim().ToLowerInvariant() is { Length: > 0 } coding and not "identity" ? coding : null;

    private Stream Decoded(Stream body) => !IsCoded ? body : Coding switch
    {
        "gzip" or "x-gzip" => new GZipStream(body, CompressionMode.Decompress),
        "deflate" => new ZLibStream(body, CompressionMode.Decompress),
        var other => throw new InputException($"answers in the content coding '{JsonInput.Printable(other!)}', which was not asked for", new(from)),
    };
}
