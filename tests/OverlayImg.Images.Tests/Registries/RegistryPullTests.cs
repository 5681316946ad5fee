using OverlayImg.Images.Digests;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries;
using OverlayImg.Images.Registries.Transport;
using OverlayImg.Testing;

namespace OverlayImg.Images.Tests;

public sealed class RegistryPullTests : IDisposable
{
    private readonly FakeNetwork _network = new();
    private readonly FakeRegistry _registry = new();
    private readonly FakeServer _server;

    public RegistryPullTests() => _server = _network.Local(_registry.AnswerAsync);

    public void Dispose() => _network.Dispose();

    [Fact]
    public async Task A_manifest_is_fetched_by_tag_and_by_digest()
    {
        var image = _registry.AddImage("a/b", "1");
        var client = _network.Client();
        var byTag = await client.GetManifestAsync(Reference("a/b:1"), default);
        Assert.Equal(image.Digest, byTag.Digest);
        Assert.Equal(image.Digest, (await client.GetManifestAsync(Reference($"a/b@{image.Digest}"), default)).Digest);
        Assert.Equal(image.Digest, (await client.GetManifestAsync(Reference($"a/b:nonsense@{image.Digest}"), default)).Digest);
        var config = await client.ReadBlobAsync(Reference("a/b"), image.Config, 1 << 20, default);
        Assert.Equal(image.Config.Digest, Digest.Of(config));
        Assert.All(_server.Requests, request => Assert.StartsWith("overlayimg/", request["User-Agent"], StringComparison.Ordinal));
        Assert.Contains("application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json", _server.Requests[0]["Accept"]!,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_manifest_is_described_without_fetching_it()
    {
        var image = _registry.AddImage("a", "latest");
        var found = await _network.Client().DescribeManifestAsync(Reference("a"), default);
        Assert.Equal((image.MediaType, image.Digest, image.Bytes.Length), (found!.MediaType, found.Digest, found.Size));
        Assert.Equal(["HEAD /v2/a/manifests/latest"], _server.Lines);
        Assert.Null(await _network.Client().DescribeManifestAsync(Reference("a:other"), default));
    }

    [Fact]
    public async Task Incomplete_headers_do_not_describe_a_manifest()
    {
        _registry.AddImage("a", "latest");
        _registry.First = async exchange =>
        {
            await exchange.AnswerAsync(200, [], "Content-Type: text/plain");
            return true;
        };
        Assert.Null(await _network.Client().DescribeManifestAsync(Reference("a"), default));
    }

    [Fact]
    public async Task A_missing_image_and_a_missing_blob_are_reported()
    {
        var error = await Assert.ThrowsAsync<InputException>(() => _network.Client().GetManifestAsync(Reference("a:gone"), default));
        Assert.Equal($"{_server.Name}/a:gone: there is no such image in the registry.", error.Describe());
        Assert.False(await _network.Client().HasBlobAsync(Reference("a"), Blob(10), default));
        error = await Assert.ThrowsAsync<InputException>(() => FetchAsync(_network.Client(), Blob(10)));
        Assert.Contains("(404, BLOB_UNKNOWN: not known here)", error.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_download_resumes_at_its_position()
    {
        var bytes = Bytes(600_000);
        var blob = _registry.Add("a", bytes);
        var cuts = new Queue<int>([100_000, 300_000]);
        _registry.First = async exchange =>
        {
            if (!cuts.TryDequeue(out var cut)) return false;
            var from = exchange.Request["Range"] is null ? 0 : 100_000;
            var range = from > 0 ? $"Content-Range: bytes {from}-{bytes.Length - 1}/{bytes.Length}\r\n" : "";
            await exchange.WriteAsync($"HTTP/1.1 {(from > 0 ? 206 : 200)} OK\r\nContent-Length: {bytes.Length - from}\r\n{range}\r\n");
            await exchange.WriteAsync(bytes.AsMemory(from, cut - from));
            exchange.Close();
            return true;
        };
        var progress = new Sum();
        Assert.Equal(bytes, await FetchAsync(_network.Client(), blob, progress));
        Assert.Equal([null, "bytes=100000-", "bytes=300000-"], _server.Requests.Select(request => request["Range"]));
        Assert.Equal(bytes.Length, progress.Total);
        Assert.Equal(2, _network.Delays.Count);
    }

    [Fact]
    public async Task A_download_restarts_if_the_server_ignores_ranges()
    {
        var bytes = Bytes(200_000);
        var blob = _registry.Add("a", bytes);
        var isFirst = true;
        _registry.First = async exchange =>
        {
            if (!isFirst)
            {
                await exchange.AnswerAsync(200, bytes);
                return true;
            }

            isFirst = false;
            await exchange.WriteAsync($"HTTP/1.1 200 OK\r\nContent-Length: {bytes.Length}\r\n\r\n");
            await exchange.WriteAsync(bytes.AsMemory(0, 150_000));
            exchange.Close();
            return true;
        };
        var progress = new Sum();
        Assert.Equal(bytes, await FetchAsync(_network.Client(), blob, progress));
        Assert.Equal(bytes.Length, progress.Total);
    }

    [Fact]
    public async Task A_download_without_progress_fails()
    {
        var blob = _registry.Add("a", Bytes(200_000));
        _registry.First = async exchange =>
        {
            await exchange.WriteAsync(exchange.Request["Range"] is null
                ? "HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\nabc" : "HTTP/1.1 206 OK\r\nContent-Range: bytes 3-199999/200000\r\n\r\n");
            exchange.Close();
            return true;
        };
        var error = await Assert.ThrowsAsync<LostConnectionException>(() => FetchAsync(_network.Client(), blob));
        Assert.Contains("breaks off in the middle", error.Describe(), StringComparison.Ordinal);
        Assert.Equal(6, _server.Requests.Count);
    }

    [Fact]
    public async Task A_download_that_always_restarts_fails()
    {
        var bytes = Bytes(200_000);
        var blob = _registry.Add("a", bytes);
        _registry.First = async exchange =>
        {
            exchange.Close();
            await exchange.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n");
            await exchange.WriteAsync(bytes.AsMemory(0, 150_000));
            return true;
        };
        await Assert.ThrowsAsync<LostConnectionException>(() =>
            FetchAsync(_network.Client(limits: limits => limits with { Progress = 100_000 }), blob));
        Assert.InRange(_server.Requests.Count, 6, 8);
    }

    [Fact]
    public async Task At_most_four_transfers_run_at_once()
    {
        var (now, most) = (0, 0);
        var full = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _registry.First = async _ =>
        {
            var count = Interlocked.Increment(ref now);
            most = Math.Max(most, count);
            if (count == 4) full.TrySetResult();
            await full.Task;
            await Task.Delay(20);
            Interlocked.Decrement(ref now);
            return false;
        };
        var client = _network.Client();
        var blobs = Enumerable.Range(1, 8).Select(size => _registry.Add("a", Bytes(size))).ToArray();
        await Task.WhenAll(blobs.Select(blob => client.HasBlobAsync(Reference("a"), blob, default)));
        Assert.Equal(4, most);
    }

    [Fact]
    public async Task An_empty_blob_and_a_blob_without_a_length_are_fetched()
    {
        Assert.Empty(await FetchAsync(_network.Client(), _registry.Add("a", [])));
        var bytes = Bytes(5000);
        var blob = _registry.Add("a", bytes);
        _registry.First = async exchange =>
        {
            await exchange.WriteAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1388\r\n");
            await exchange.WriteAsync(bytes);
            await exchange.WriteAsync("\r\n0\r\n\r\n");
            return true;
        };
        Assert.Equal(bytes, await FetchAsync(_network.Client(), blob));
    }

    [Fact]
    public async Task A_complete_blob_is_not_fetched_again_after_an_abrupt_end()
    {
        var bytes = Bytes(5000);
        _registry.First = async exchange =>
        {
            exchange.Close();
            await exchange.WriteAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1388\r\n");
            await exchange.WriteAsync(bytes);
            return true;
        };
        Assert.Equal(bytes, await FetchAsync(_network.Client(), _registry.Add("a", bytes)));
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task A_foreign_layer_is_fetched_from_its_URL_if_the_registry_lacks_it()
    {
        var bytes = Bytes(3000);
        var cdn = _network.Host("cdn.test", "203.0.113.7", exchange => exchange.AnswerAsync(200, bytes));
        var server = _network.Host("registry.test", "203.0.113.1", new FakeRegistry().AnswerAsync);
        _network.Name("inside.test", "10.0.0.1");
        var blob = new Descriptor(MediaTypes.OciForeignLayer, Digest.Of(bytes), bytes.Length);
        Assert.Equal(bytes, await FetchAsync(_network.Client(plain: true), blob with { Urls = ["http://cdn.test/layer?a=b"] },
            repository: "registry.test/a"));
        Assert.Equal(["GET /layer?a=b"], cdn.Lines);
        await Assert.ThrowsAsync<InputException>(() =>
            FetchAsync(_network.Client(plain: true), blob with { Urls = ["http://cdn.test/layer"], MediaType = MediaTypes.OciLayer },
                repository: "registry.test/a"));
        foreach (var url in new[] { "http://user:secret@cdn.test/", "http://127.0.0.1/", "http://169.254.169.254/", "file:///etc/passwd",
            "http://inside.test/", "nonsense" })
        {
            await Assert.ThrowsAsync<InputException>(() =>
                FetchAsync(_network.Client(plain: true), blob with { Urls = [url] }, repository: "registry.test/a"));
        }

        Assert.Single(cdn.Requests);
        Assert.All(cdn.Requests.Concat(server.Requests), request => Assert.Null(request["Authorization"]));
        Assert.DoesNotContain(_network.Connections, endPoint => endPoint.Address.ToString() is not ("203.0.113.1" or "203.0.113.7"));
    }

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }

    private static Descriptor Blob(int size) => new(MediaTypes.OciLayer, Digest.Of(Bytes(size)), size);

    private RegistryReference Reference(string rest) => RegistryReference.Parse($"{_server.Name}/{rest}");

    private async Task<byte[]> FetchAsync(RegistryClient client, Descriptor blob, IProgress<int>? progress = null, string? repository = null)
    {
        using var directory = new TemporaryDirectory();
        using (var file = File.OpenHandle(directory["blob"], FileMode.CreateNew, FileAccess.Write))
            await client.DownloadBlobAsync(RegistryReference.Parse(repository ?? $"{_server.Name}/a"), blob, file, progress, default);
        return await File.ReadAllBytesAsync(directory["blob"]);
    }
}

/// <summary>A progress listener that adds up the reports synchronously, unlike <see cref="Progress{T}"/>.</summary>
public sealed class Sum : IProgress<int>
{
    private long _total;

    public long Total => Interlocked.Read(ref _total);

    public void Report(int value) => Interlocked.Add(ref _total, value);
}
