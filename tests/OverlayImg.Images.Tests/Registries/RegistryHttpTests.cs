using OverlayImg.Images.Digests;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries;
using OverlayImg.Testing;

namespace OverlayImg.Images.Tests;

/// <summary>HTTP as servers and what lies before them speak it (RFC 9110).</summary>
public sealed class RegistryHttpTests : IDisposable
{
    private readonly FakeNetwork _network = new();
    private readonly FakeRegistry _registry = new();
    private readonly FakeServer _server;

    public RegistryHttpTests() => _server = _network.Local(_registry.AnswerAsync);

    public void Dispose() => _network.Dispose();

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(406)]
    [InlineData(410)]
    [InlineData(500)]
    [InlineData(501)]
    public async Task A_registry_may_refuse_HEAD(int status)
    {
        var image = _registry.AddImage("a", "latest");
        _registry.First = async exchange =>
        {
            if (exchange.Request.Method != "HEAD") return false;
            await exchange.AnswerAsync(status);
            return true;
        };
        Assert.Null(await _network.Client().DescribeManifestAsync(Reference("a"), default));
        Assert.Equal(image.Digest, (await _network.Client().GetManifestAsync(Reference("a"), default)).Digest);
        // A blob is sent where nobody says that it is there.
        if (status is not (401 or 500)) Assert.False(await _network.Client().HasBlobAsync(Reference("a"), image.Config, default));
    }

    [Fact]
    public async Task No_content_coding_is_asked_for()
    {
        await FetchAsync(_network.Client(), _registry.Add("a", Bytes(10)));
        Assert.All(_server.Requests, request => Assert.Equal("identity", request["Accept-Encoding"]));
    }

    [Theory]
    [InlineData("gzip", true)]
    [InlineData("x-gzip", true)]
    [InlineData("GZIP", false)]
    [InlineData("deflate", true)]
    [InlineData("deflate", false)]
    [InlineData("identity", true)]
    public async Task A_content_coding_is_undone(string coding, bool hasLength)
    {
        var bytes = Bytes(100_000);
        var blob = _registry.Add("a", bytes);
        var image = _registry.AddImage("a", "latest");
        _registry.First = async exchange =>
        {
            var isManifest = exchange.Request.Path.Contains("/manifests/", StringComparison.Ordinal);
            var body = Encode(coding, isManifest ? image.Bytes.ToArray() : bytes);
            var type = isManifest ? $"Content-Type: {image.MediaType}\r\n" : "";
            exchange.Close();
            await exchange.WriteAsync($"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\n{type}{(hasLength ? $"Content-Length: {body.Length}\r\n" : "")}\r\n");
            await exchange.WriteAsync(body);
            return true;
        };
        Assert.Equal(bytes, await FetchAsync(_network.Client(), blob));
        Assert.Equal(image.Digest, (await _network.Client().GetManifestAsync(Reference("a"), default)).Digest);
    }

    [Fact]
    public async Task A_blob_that_is_a_compressed_file_is_taken_as_it_is()
    {
        var packed = Encode("gzip", Bytes(100_000));
        var blob = _registry.Add("a", packed);
        _registry.First = async exchange =>
        {
            await exchange.AnswerAsync(200, packed, "Content-Encoding: gzip");
            return true;
        };
        Assert.Equal(packed, await FetchAsync(_network.Client(), blob));
    }

    [Theory]
    [InlineData("br", "content coding 'br'")]
    [InlineData("gzip, gzip", "content coding 'gzip, gzip'")]
    [InlineData("gzip", "not in its content coding 'gzip'")]
    public async Task A_content_coding_that_is_unknown_or_wrong_is_refused(string coding, string expected)
    {
        _registry.First = async exchange =>
        {
            await exchange.AnswerAsync(200, "this is no such thing", $"Content-Encoding: {coding}");
            return true;
        };
        var error = await Assert.ThrowsAsync<InputException>(() => _network.Client().GetManifestAsync(Reference("a"), default));
        Assert.Contains(expected, error.Describe(), StringComparison.Ordinal);
        await Assert.ThrowsAsync<InputException>(() => FetchAsync(_network.Client(), Blob(100)));
    }

    [Fact]
    public async Task What_a_content_coding_hides_is_bounded()
    {
        var bomb = Encode("gzip", new byte[64 << 20]);
        _registry.First = async exchange =>
        {
            await exchange.AnswerAsync(200, bomb, "Content-Encoding: gzip");
            return true;
        };
        var error = await Assert.ThrowsAsync<InputException>(() => _network.Client().GetManifestAsync(Reference("a"), default));
        Assert.Contains("more than 4194304 bytes", error.Describe(), StringComparison.Ordinal);
        error = await Assert.ThrowsAsync<InputException>(() => FetchAsync(_network.Client(), Blob(100)));
        Assert.Contains("has more than its 100 bytes", error.Describe(), StringComparison.Ordinal);
    }

    // RFC 9110, 14.4 and 15.3.7. What can't be gone on with begins anew.
    [Theory]
    [InlineData("Content-Range: bytes 1000-4999/5000", 1000, true)]
    [InlineData("Content-Range: bytes 1000-4999/*", 1000, true)]
    [InlineData("content-range: Bytes  1000-4999/5000", 1000, true)]
    [InlineData("Content-Range: bytes 0-4999/5000", 0, false)]
    [InlineData("Content-Range: bytes 2000-4999/5000", 2000, false)]
    [InlineData("Content-Range: pages 1-2/3", 1000, false)]
    [InlineData("Content-Type: multipart/byteranges; boundary=x", 1000, false)]
    [InlineData("Content-Range: bytes 1000-4999/5000\r\nContent-Encoding: deflate", -1, false)]
    public async Task Every_form_of_a_part_is_understood_or_done_without(string header, int from, bool isTaken)
    {
        var bytes = Bytes(5000);
        var blob = _registry.Add("a", bytes);
        _registry.First = async exchange =>
        {
            exchange.Close();
            if (exchange.Request["Range"] is not null)
            {
                var part = from < 0 ? Encode("deflate", bytes[1000..]) : bytes[from..];
                await exchange.WriteAsync($"HTTP/1.1 206 X\r\n{header}\r\nContent-Length: {part.Length}\r\n\r\n");
                await exchange.WriteAsync(part);
                return true;
            }

            if (_server.Requests.Count > 1) return false;
            await exchange.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n");
            await exchange.WriteAsync(bytes.AsMemory(0, 1000));
            return true;
        };
        var progress = new Sum();
        Assert.Equal(bytes, await FetchAsync(_network.Client(), blob, progress));
        Assert.Equal(isTaken ? [null, "bytes=1000-"] : [null, "bytes=1000-", null], _server.Requests.Select(request => request["Range"]));
        Assert.Equal(5000, progress.Total);
    }

    [Theory]
    [InlineData("Content-Range: bytes 1000-5999/6000")]
    [InlineData("Content-Range: bytes 1000-5999/*")]
    public async Task A_part_of_another_blob_is_refused(string header)
    {
        var bytes = Bytes(5000);
        _registry.First = async exchange =>
        {
            exchange.Close();
            await exchange.WriteAsync(exchange.Request["Range"] is null ? "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" : $"HTTP/1.1 206 X\r\n{header}\r\n\r\n");
            await exchange.WriteAsync(bytes.AsMemory(0, 1000));
            return true;
        };
        await Assert.ThrowsAsync<InputException>(() => FetchAsync(_network.Client(), _registry.Add("a", bytes)));
    }

    [Fact]
    public async Task A_server_that_can_t_go_on_is_asked_for_all()
    {
        var bytes = Bytes(5000);
        var blob = _registry.Add("a", bytes);
        _registry.First = async exchange =>
        {
            if (exchange.Request["Range"] is not null) await exchange.AnswerAsync(416);
            else if (_server.Requests.Count > 1) await exchange.AnswerAsync(203, bytes);
            else
            {
                exchange.Close();
                await exchange.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nabc");
            }

            return true;
        };
        Assert.Equal(bytes, await FetchAsync(_network.Client(), blob));
    }

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }

    private static byte[] Encode(string coding, byte[] bytes)
    {
        if (coding == "identity") return bytes;
        using var packed = new MemoryStream();
        using (Stream encoder = coding == "deflate"
            ? new System.IO.Compression.ZLibStream(packed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true)
            : new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true)) encoder.Write(bytes);
        return packed.ToArray();
    }

    private static Descriptor Blob(int size) => new(MediaTypes.OciLayer, Digest.Of(Bytes(size)), size);

    private RegistryReference Reference(string rest) => RegistryReference.Parse($"{_server.Name}/{rest}");

    private async Task<byte[]> FetchAsync(RegistryClient client, Descriptor blob, IProgress<int>? progress = null)
    {
        using var directory = new TemporaryDirectory();
        using (var file = File.OpenHandle(directory["blob"], FileMode.CreateNew, FileAccess.Write))
            await client.DownloadBlobAsync(RegistryReference.Parse($"{_server.Name}/a"), blob, file, progress, default);
        return await File.ReadAllBytesAsync(directory["blob"]);
    }
}
