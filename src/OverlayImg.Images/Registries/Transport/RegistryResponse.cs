using System.IO.Compression;
using System.Net;
using OverlayImg.Images.Json;
using OverlayImg.Images.Registries.Credentials;

namespace OverlayImg.Images.Registries.Transport;

/// <summary>A response whose headers are read and whose body is read on demand.</summary>
internal sealed class RegistryResponse(HttpResponseMessage message, RegistryRequest request, string from, StallWatch watch) : IDisposable
{
    private const int BufferSize = 64 << 10;
    private Stream? _body;

    public HttpStatusCode Status => message.StatusCode;

    public bool IsSuccess => message.IsSuccessStatusCode;

    /// <summary>The URL that the response came from, after redirects.</summary>
    public Uri Url => request.Url;

    /// <summary>Length of the decoded body in bytes; null if the server does not send it or the body has a content coding.</summary>
    public long? Length => IsCoded ? null : message.Content.Headers.ContentLength;

    /// <summary>Length of the body as transferred, before decoding, in bytes; null if the server does not send it.</summary>
    public long? SentLength => message.Content.Headers.ContentLength;

    /// <summary>Whether <see cref="ReadAsync"/> decodes a content coding. False if <see cref="IgnoresCoding"/> is set.</summary>
    public bool IsCoded => !IgnoresCoding && Coding is not null;

    /// <summary>Whether the body is not decoded. Some servers name a content coding for blobs that are compressed files.</summary>
    public bool IgnoresCoding { get; set; }

    /// <summary>The failure of the registry's credential helper; null if no helper failed.</summary>
    public MachineException? HelperFailure { get; set; }

    /// <summary>Returns the first value of a header; null if the header is missing.</summary>
    public string? Header(string name) => Headers(name) is [var first, ..] ? first : null;

    public IReadOnlyList<string> Headers(string name) =>
        message.Headers.NonValidated.TryGetValues(name, out var values) ? [.. values]
        : message.Content.Headers.NonValidated.TryGetValues(name, out var others) ? [.. others] : [];

    /// <summary>Whether an unmodified text from the response may contain a secret that the request sent.</summary>
    public bool MayEcho(string text) => request.HasSecretBody || Credential.SecretsOf(request.Authorization).Any(text.Contains);

    /// <summary>Reads the next bytes of the body; returns 0 at its end.</summary>
    /// <exception cref="LostConnectionException">The connection broke or stalled.</exception>
    /// <exception cref="InputException">The content coding is unknown, or the body is not in the content coding that
    /// the header names.</exception>
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
            throw new LostConnectionException($"{from} stalls in the middle of a response", exception);
        }
        catch (InvalidDataException exception)
        {
            throw new InputException($"sends a body that is not in its content coding '{JsonInput.Printable(Coding ?? "")}'", new(from), exception);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            throw new LostConnectionException($"{from} breaks off the connection in the middle of a response", exception);
        }
    }

    /// <summary>
    /// Reads the whole body of a document. If the body is longer than <paramref name="limit"/> bytes, the result has
    /// <paramref name="limit"/> + 1 bytes.
    /// </summary>
    /// <exception cref="LostConnectionException">The connection broke or stalled, or the document took too long.</exception>
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

    // Every request asks for the coding "identity", but some servers and proxies compress regardless.
    private string? Coding => Header("Content-Encoding")?.Trim().ToLowerInvariant() is { Length: > 0 } coding and not "identity" ? coding : null;

    private Stream Decoded(Stream body) => !IsCoded ? body : Coding switch
    {
        "gzip" or "x-gzip" => new GZipStream(body, CompressionMode.Decompress),
        "deflate" => new ZLibStream(body, CompressionMode.Decompress),
        var other => throw new InputException($"responds in the content coding '{JsonInput.Printable(other!)}', which was not requested", new(from)),
    };
}
