using System.Collections.Concurrent;
using OverlayImg.Images.Digests;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.Transfers;

/// <summary>A registry of one repository that does not take documents of some media types, and may say wrong digests.</summary>
internal sealed class RefusingRegistry : IDisposable
{
    private readonly Func<string, (int Status, string Body)?> _refuse;
    private readonly FakeServer _server;

    /// <param name="refuse">The answer to a document of a media type; null: it is taken.</param>
    public RefusingRegistry(Func<string, (int Status, string Body)?> refuse) => (_refuse, _server) = (refuse, new(AnswerAsync));

    /// <summary>Documents by tag and by digest, with their media types.</summary>
    public ConcurrentDictionary<string, (string MediaType, byte[] Bytes)> Documents { get; } = new();

    /// <summary>Blobs by digest.</summary>
    public ConcurrentDictionary<string, byte[]> Blobs { get; } = new();

    /// <summary>What HEAD says of a document's digest; null: its digest.</summary>
    public Digest? WrongDigest { get; set; }

    /// <summary>The repository.</summary>
    public string Name => $"{_server.Name}/a";

    public IEnumerable<string> Lines => _server.Lines;

    public void Dispose() => _server.Dispose();

    private async Task AnswerAsync(FakeExchange exchange)
    {
        var (request, name) = (exchange.Request, exchange.Request.Path.Split('/')[^1]);
        if (request.Method == "POST") await exchange.AnswerAsync(202, [], "Location: /v2/a/blobs/uploads/1");
        else if (request.Method == "PUT") await PutAsync(exchange, name);
        else if (request.Path.Contains("/manifests/", StringComparison.Ordinal) && Documents.TryGetValue(name, out var document))
            await exchange.AnswerAsync(200, document.Bytes, $"Content-Type: {document.MediaType}", $"Docker-Content-Digest: {WrongDigest ?? Digest.Of(document.Bytes)}",
                $"Content-Length: {document.Bytes.Length}");
        else if (Blobs.TryGetValue(name, out var blob)) await exchange.AnswerAsync(200, blob, $"Content-Length: {blob.Length}");
        else await exchange.AnswerAsync(404);
    }

    private async Task PutAsync(FakeExchange exchange, string name)
    {
        var body = await exchange.ReadBodyAsync();
        var type = exchange.Request["Content-Type"]!;
        if (!exchange.Request.Path.Contains("/manifests/", StringComparison.Ordinal)) Blobs[Digest.Of(body).ToString()] = body;
        else if (_refuse(type) is var (status, text))
        {
            await exchange.AnswerAsync(status, text);
            return;
        }
        else
        {
            Documents[name] = Documents[Digest.Of(body).ToString()] = (type, body);
        }

        await exchange.AnswerAsync(201);
    }
}
