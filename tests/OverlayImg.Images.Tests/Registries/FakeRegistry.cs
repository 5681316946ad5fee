using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Web;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Manifests;
using OverlayImg.Testing;

namespace OverlayImg.Images.Tests;

/// <summary>
/// A registry that follows the OCI Distribution Specification, unless a test overrides a request by
/// <see cref="First"/>.
/// </summary>
public sealed class FakeRegistry
{
    private readonly ConcurrentDictionary<string, byte[]> _uploads = new();
    private int _next;

    /// <summary>Manifests by <c>repository:selector</c>, with their media types.</summary>
    public ConcurrentDictionary<string, (string MediaType, byte[] Bytes)> Manifests { get; } = new();

    /// <summary>Blobs by <c>repository@digest</c>.</summary>
    public ConcurrentDictionary<string, byte[]> Blobs { get; } = new();

    /// <summary>A test's handler that gets each request first. True means that the handler has responded.</summary>
    public Func<FakeExchange, Task<bool>> First { get; set; } = _ => Task.FromResult(false);

    /// <summary>The received bytes of each unfinished upload, by the upload's ID.</summary>
    public ConcurrentDictionary<string, byte[]> Uploads => _uploads;

    public Descriptor Add(string repository, byte[] blob, string mediaType = MediaTypes.OciLayer)
    {
        Blobs[$"{repository}@{Digest.Of(blob)}"] = blob;
        return new(mediaType, Digest.Of(blob), blob.Length);
    }

    /// <summary>Adds an image without layers.</summary>
    public ImageManifest AddImage(string repository, string tag)
    {
        var config = Encoding.UTF8.GetBytes("""{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}""");
        Add(repository, config);
        return AddManifest(repository, tag, Manifest(config));
    }

    public ImageManifest AddManifest(string repository, string tag, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Manifests[$"{repository}:{tag}"] = Manifests[$"{repository}:{Digest.Of(bytes)}"] = (MediaTypes.OciManifest, bytes);
        return (ImageManifest)ManifestDocument.Parse(bytes, MediaTypes.OciManifest, default);
    }

    public static string Manifest(byte[] config) =>
        $$$"""{"schemaVersion":2,"mediaType":"{{{MediaTypes.OciManifest}}}","config":""" +
        $$$"""{"mediaType":"{{{MediaTypes.OciConfig}}}","digest":"{{{Digest.Of(config)}}}","size":{{{config.Length}}}},"layers":[]}""";

    public async Task AnswerAsync(FakeExchange exchange)
    {
        if (await First(exchange)) return;
        var request = exchange.Request;
        var path = request.Path;
        if (path == "/v2/") await exchange.AnswerAsync(200, "{}");
        else if (Split(path, "/manifests/") is var (manifestRepository, selector)) await ManifestAsync(exchange, manifestRepository, selector);
        else if (Split(path, "/blobs/uploads/") is var (uploadRepository, id)) await UploadAsync(exchange, uploadRepository, id);
        else if (Split(path, "/blobs/") is var (blobRepository, digest)) await BlobAsync(exchange, $"{blobRepository}@{digest}");
        else await exchange.AnswerAsync(404);
    }

    public static Task NotThereAsync(FakeExchange exchange, string code = "MANIFEST_UNKNOWN") =>
        exchange.AnswerAsync(404, $$"""{"errors":[{"code":"{{code}}","message":"not known here"}]}""", "Content-Type: application/json");

    private static (string, string)? Split(string path, string between) =>
        path.IndexOf(between, StringComparison.Ordinal) is > 0 and var at ? (path["/v2/".Length..at], path[(at + between.Length)..]) : null;

    private async Task ManifestAsync(FakeExchange exchange, string repository, string selector)
    {
        if (exchange.Request.Method == "PUT")
        {
            var body = await exchange.ReadBodyAsync();
            Manifests[$"{repository}:{selector}"] = (exchange.Request["Content-Type"]!, body);
            await exchange.AnswerAsync(201, [], $"Docker-Content-Digest: {Digest.Of(body)}");
        }
        else if (Manifests.TryGetValue($"{repository}:{selector}", out var manifest))
        {
            await exchange.AnswerAsync(200, manifest.Bytes, $"Content-Type: {manifest.MediaType}",
                $"Docker-Content-Digest: {Digest.Of(manifest.Bytes)}",
                $"Content-Length: {manifest.Bytes.Length}");
        }
        else
        {
            await NotThereAsync(exchange);
        }
    }

    private async Task BlobAsync(FakeExchange exchange, string key)
    {
        if (!Blobs.TryGetValue(key, out var blob))
        {
            await NotThereAsync(exchange, "BLOB_UNKNOWN");
        }
        else if (exchange.Request["Range"] is { } range)
        {
            var from = int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture);
            await exchange.AnswerAsync(206, blob[from..], $"Content-Range: bytes {from}-{blob.Length - 1}/{blob.Length}");
        }
        else
        {
            await exchange.AnswerAsync(200, blob, $"Content-Length: {blob.Length}");
        }
    }

    private async Task UploadAsync(FakeExchange exchange, string repository, string id)
    {
        var request = exchange.Request;
        var query = HttpUtility.ParseQueryString(request.Query);
        switch (request.Method)
        {
            case "POST" when query["mount"] is { } mount && Blobs.TryGetValue($"{query["from"]}@{mount}", out var mounted):
                Blobs[$"{repository}@{mount}"] = mounted;
                await exchange.AnswerAsync(201, [], $"Docker-Content-Digest: {mount}");
                return;
            case "POST":
                id = Interlocked.Increment(ref _next).ToString(CultureInfo.InvariantCulture);
                _uploads[id] = [];
                await exchange.AnswerAsync(202, [], $"Location: /v2/{repository}/blobs/uploads/{id}?_state=a%2Fb");
                return;
            case "DELETE":
                await exchange.AnswerAsync(_uploads.TryRemove(id, out _) ? 204 : 404);
                return;
            case var _ when !_uploads.ContainsKey(id):
                await NotThereAsync(exchange, "BLOB_UPLOAD_UNKNOWN");
                return;
            case "GET":
                await exchange.AnswerAsync(204, [], $"Location: /v2/{repository}/blobs/uploads/{id}?_state=a%2Fb",
                    $"Range: 0-{Math.Max(0, _uploads[id].Length - 1)}");
                return;
            case "PATCH":
                if (!request["Content-Range"]!.StartsWith($"{_uploads[id].Length}-", StringComparison.Ordinal))
                {
                    await exchange.AnswerAsync(416);
                    return;
                }

                _uploads[id] = [.. _uploads[id], .. await exchange.ReadBodyAsync()];
                await exchange.AnswerAsync(202, [], $"Location: /v2/{repository}/blobs/uploads/{id}?_state=a%2Fb",
                    $"Range: 0-{_uploads[id].Length - 1}");
                return;
            default:
                byte[] blob = [.. _uploads[id], .. await exchange.ReadBodyAsync()];
                if (Digest.Of(blob).ToString() != query["digest"] || query["_state"] != "a/b")
                {
                    await exchange.AnswerAsync(400, """{"errors":[{"code":"DIGEST_INVALID","message":"not these bytes"}]}""");
                    return;
                }

                _uploads.TryRemove(id, out _);
                Blobs[$"{repository}@{Digest.Of(blob)}"] = blob;
                await exchange.AnswerAsync(201, [], $"Docker-Content-Digest: {Digest.Of(blob)}");
                return;
        }
    }
}
