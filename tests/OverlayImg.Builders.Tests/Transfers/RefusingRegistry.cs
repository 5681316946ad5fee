using System.Collections.Concurrent;
using OverlayImg.Images.Digests;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.Transfers;

/// <summary>A registry of one repository that refuses documents of some media types, and can report a wrong digest.</summary>
internal sealed class RefusingRegistry : IDisposable
{
    private readonly Func<string, (int Status, string Body)?> _refuse;
    private readonly FakeServer _server;

    /// <param name="refuse">Returns the response to a document of a media type; null accepts the document.</param>
    public RefusingRegistry(Func<string, (int Status, string Body)?> refuse) => (_refuse, _server) = (refuse, new(AnswerAsync));

    /// <summary>Accepted documents with their media types, by tag and by digest.</summary>
    public ConcurrentDictionary<string, (string MediaType, byte[] Bytes)> Documents { get; } = new();

    /// <summary>Accepted blobs by digest.</summary>
    public ConcurrentDictionary<string, byte[]> Blobs { get; } = new();

    /// <summary>The digest in responses to GET and HEAD of a document; null reports the digest of the document.</summary>
    public Digest? WrongDigest { get; set; }

    /// <summary>The host, the port and the name of the repository.</summary>
    public string Name => $"{_server.Name}/a";

    public IEnumerable<string> Lines => _server.Lines;

    public void Dispose() => _server.Dispose();

    private async Task AnswerAsync(FakeExchange exchange)
    {
        var (request, name) = (exchange.Request, exchange.Request.Path.Split('/')[^1]);
        if (request.Method == "POST") await exchange.AnswerAsync(202, [], "Location: /v2/a/blobs/uploads/1");
        else if (request.Method == "PUT") await PutAsync(exchange, name);
        else if (request.Path.Contains("/manifests/", StringComparison.Ordinal) && Documents.TryGetValue(name, out var document))
            await exchange.AnswerAsync(
                200, document.Bytes, $"Content-Type: {document.MediaType}",
                $"Docker-Content-Digest: {WrongDigest ?? Digest.Of(document.Bytes)}",
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
