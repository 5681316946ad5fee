using System.Net;

namespace OverlayImg.Images;

/// <summary>An answer whose body is still to come.</summary>
internal sealed class RegistryResponse(HttpResponseMessage message, RegistryRequest request, string from, StallWatch watch) : IDisposable
{
    private const int BufferSize = 64 << 10;
    private Stream? _body;

    public HttpStatusCode Status => message.StatusCode;

    public bool IsSuccess => message.IsSuccessStatusCode;

    /// <summary>Whose answer it is, redirects followed.</summary>
    public Uri Url => request.Url;

    /// <summary>Bytes of the body, where it says so.</summary>
    public long? Length => message.Content.Headers.ContentLength;

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
    public async Task<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            _body ??= await message.Content.ReadAsStreamAsync(watch.Token);
            var count = await _body.ReadAsync(buffer, watch.Token);
            watch.Moved(count);
            return count;
        }
        catch (OperationCanceledException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new LostConnectionException($"{from} stands still in the middle of an answer", exception);
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
        message.Dispose();
        watch.Dispose();
    }
}
