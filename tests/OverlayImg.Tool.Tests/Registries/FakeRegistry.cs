using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace OverlayImg.Tool.Tests.Registries;

/// <summary>A registry that answers whatever a test has it answer.</summary>
public sealed class FakeRegistry : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentDictionary<string, Action<HttpListenerContext>> _answers = new();
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly ConcurrentQueue<string> _secrets = new();
    private readonly Task _serving;

    public FakeRegistry()
    {
        Host = new Uri(FreePort.Listen(_listener)).Authority;
        On("/v2/", context => context.Response.Close());
        _serving = ServeAsync();
    }

    /// <summary>What images of it are named by.</summary>
    public string Host { get; }

    /// <summary>What it was asked: <c>GET /v2/name/blobs/sha256:...</c>.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    /// <summary>The authorizations that came.</summary>
    public IReadOnlyList<string> Secrets => [.. _secrets];

    /// <summary>What is answered at a path.</summary>
    public void On(string path, Action<HttpListenerContext> answer) => _answers[path] = answer;

    /// <summary>Offers bytes at a path.</summary>
    public void Offer(string path, string mediaType, byte[] bytes) => On(path, context =>
    {
        context.Response.ContentType = mediaType;
        context.Response.Headers["Docker-Content-Digest"] = DigestOf(bytes);
        context.Response.ContentLength64 = bytes.Length;
        if (context.Request.HttpMethod != "HEAD") context.Response.OutputStream.Write(bytes);
        context.Response.Close();
    });

    /// <summary>Offers a blob of the repository <c>image</c>, under its own digest or another one.</summary>
    /// <returns>The digest that it goes by.</returns>
    public string OfferBlob(byte[] bytes, string? digest = null)
    {
        digest ??= DigestOf(bytes);
        Offer($"/v2/image/blobs/{digest}", "application/octet-stream", bytes);
        return digest;
    }

    /// <summary>Offers a manifest of the repository <c>image</c>, under its digest and a tag.</summary>
    /// <returns>Its digest.</returns>
    public string OfferManifest(string text, string mediaType, string tag = "1")
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var digest = DigestOf(bytes);
        Offer($"/v2/image/manifests/{digest}", mediaType, bytes);
        Offer($"/v2/image/manifests/{tag}", mediaType, bytes);
        return digest;
    }

    public static string DigestOf(byte[] bytes) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}";

    public void Dispose()
    {
        _listener.Close();
        _serving.GetAwaiter().GetResult();
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            _requests.Enqueue($"{context.Request.HttpMethod} {context.Request.Url!.AbsolutePath}");
            if (context.Request.Headers["Authorization"] is { } secret) _secrets.Enqueue(secret);
            _ = Task.Run(() => Answer(context));
        }
    }

    private void Answer(HttpListenerContext context)
    {
        try
        {
            if (_answers.TryGetValue(context.Request.Url!.AbsolutePath, out var answer))
            {
                answer(context);
                return;
            }

            context.Response.StatusCode = 404;
            context.Response.Close();
        }
        catch (Exception exception) when (exception is HttpListenerException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The tool had enough.
            return;
        }
    }
}
