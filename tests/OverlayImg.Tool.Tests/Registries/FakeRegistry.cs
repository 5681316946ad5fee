using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests.Registries;

/// <summary>A registry whose responses a test defines.</summary>
public sealed class FakeRegistry : IDisposable
{
    private readonly ConcurrentDictionary<string, Func<FakeExchange, Task>> _answers = new();
    private readonly FakeServer _server;

    public FakeRegistry()
    {
        On("/v2/", exchange => exchange.AnswerAsync(200));
        _server = new(exchange => _answers.TryGetValue(exchange.Request.Path, out var answer) ? answer(exchange) : exchange.AnswerAsync(404));
    }

    /// <summary>Host name and port in references to images of this registry.</summary>
    public string Host => _server.Name;

    /// <summary>Port at which the registry listens.</summary>
    public int Port => _server.Port;

    /// <summary>All requests, including proxy requests for other hosts.</summary>
    public IReadOnlyList<FakeRequest> Requests => _server.Requests;

    /// <summary>The Authorization headers of all requests.</summary>
    public IEnumerable<string> Secrets => Requests.Select(request => request["Authorization"]).OfType<string>();

    /// <summary>Sets the response to requests for a path.</summary>
    public void On(string path, Func<FakeExchange, Task> answer) => _answers[path] = answer;

    /// <summary>Sets the response to a path to bytes with their media type and digest.</summary>
    public void Offer(string path, string mediaType, byte[] bytes) =>
        On(path, exchange => exchange.AnswerAsync(200, bytes, $"Content-Type: {mediaType}", $"Docker-Content-Digest: {DigestOf(bytes)}"));

    /// <summary>Offers a blob of the repository <c>image</c> under its own digest or another digest.</summary>
    /// <returns>The digest in the path of the blob.</returns>
    public string OfferBlob(byte[] bytes, string? digest = null)
    {
        digest ??= DigestOf(bytes);
        Offer($"/v2/image/blobs/{digest}", "application/octet-stream", bytes);
        return digest;
    }

    /// <summary>Offers a manifest of the repository <c>image</c>, under its digest and a tag.</summary>
    /// <returns>The digest of the manifest.</returns>
    public string OfferManifest(string text, string mediaType, string tag = "1")
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var digest = DigestOf(bytes);
        Offer($"/v2/image/manifests/{digest}", mediaType, bytes);
        Offer($"/v2/image/manifests/{tag}", mediaType, bytes);
        return digest;
    }

    public static string DigestOf(byte[] bytes) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}";

    public void Dispose() => _server.Dispose();
}
