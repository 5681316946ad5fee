using System.Text;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries;
using OverlayImg.Images.Registries.Transport;
using OverlayImg.Testing;

namespace OverlayImg.Images.Tests;

/// <summary>Registries that mean harm, or are broken beyond use: each is one sentence, and none gets what is not its own.</summary>
public sealed class RegistryHostileTests : IDisposable
{
    private static readonly byte[] Blob = Encoding.UTF8.GetBytes(new string('x', 5000));

    private readonly FakeNetwork _network = new();

    public void Dispose() => _network.Dispose();

    [Theory]
    [InlineData("other bytes", "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", 5000, 'y', "other bytes than its digest says")]
    [InlineData("too long", "HTTP/1.1 200 OK\r\nContent-Length: 5001\r\n\r\n", 5001, 'x', "has 5001 bytes where 5000 should be")]
    [InlineData("too short", "HTTP/1.1 200 OK\r\nContent-Length: 4999\r\n\r\n", 4999, 'x', "has 4999 bytes where 5000 should be")]
    [InlineData("endless", "HTTP/1.1 200 OK\r\n\r\n", 9_000_000, 'x', "has more than its 5000 bytes")]
    [InlineData("206", "HTTP/1.1 206 OK\r\nContent-Range: bytes 0-4999/5000\r\nContent-Length: 5000\r\n\r\n", 5000, 'x', "is answered with the status 206")]
    [InlineData("204", "HTTP/1.1 204 OK\r\n\r\n", 0, 'x', "is answered with the status 204")]
    public async Task A_blob_that_is_none_is_refused(string name, string head, int length, char letter, string expected)
    {
        var server = _network.Local(async exchange =>
        {
            await exchange.WriteAsync(head);
            await exchange.WriteAsync(Encoding.UTF8.GetBytes(new string(letter, length)));
            exchange.Close();
        });
        var error = await Assert.ThrowsAsync<InputException>(() => ReadAsync(server));
        Assert.Contains(expected, error.Describe(), StringComparison.Ordinal);
        Assert.True(server.Requests.Count == 1, name);
    }

    [Theory]
    [InlineData("bytes 0-4999/5000", false)]
    [InlineData("bytes 1001-4999/5000", false)]
    [InlineData("bytes 1000-4999/6000", true)]
    [InlineData("bytes 1000-5999/5000", true)]
    [InlineData("bytes 1000-5999/*", true)]
    [InlineData("nonsense", false)]
    [InlineData("", false)]
    public async Task A_blob_is_not_pieced_together_from_elsewhere(string range, bool isOfAnotherBlob)
    {
        var server = _network.Local(async exchange =>
        {
            if (exchange.Request["Range"] is not null)
            {
                await exchange.AnswerAsync(206, Blob[1000..], $"Content-Range: {range}");
                return;
            }

            await exchange.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n");
            await exchange.WriteAsync(Blob.AsMemory(0, 1000));
            exchange.Close();
        });
        if (isOfAnotherBlob)
        {
            var error = await Assert.ThrowsAsync<InputException>(() => ReadAsync(server));
            Assert.Contains("is continued as one of 6000 bytes, not 5000", error.Describe(), StringComparison.Ordinal);
            return;
        }

        // The whole blob is asked for instead, and given up when it never comes.
        await Assert.ThrowsAsync<LostConnectionException>(() => ReadAsync(server));
        Assert.Single(server.Requests, request => request["Range"] is not null);
    }

    [Theory]
    [InlineData("both", MediaTypes.OciManifest, """{"schemaVersion":2,"config":{},"layers":[],"manifests":[]}""", "a manifest and an index at once")]
    [InlineData("schema 1", MediaTypes.DockerManifest, """{"schemaVersion":1,"fsLayers":[],"history":[]}""", "schema 1")]
    [InlineData("confusion", MediaTypes.OciIndex, """{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","manifests":[]}""", "says to be")]
    [InlineData("list as image", MediaTypes.OciManifest, """{"schemaVersion":2,"manifests":[]}""", "is not a manifest")]
    [InlineData("path as digest", MediaTypes.OciManifest, """{"schemaVersion":2,"config":{"mediaType":"a","digest":"sha256:../../../etc/passwd","size":1},"layers":[]}""", "64 hexadecimal digits")]
    [InlineData("page", "text/html", "<html>Log in to the hotel's network</html>", "is not JSON")]
    public async Task A_manifest_that_is_none_is_refused(string name, string type, string body, string expected)
    {
        var server = _network.Local(exchange => exchange.AnswerAsync(200, body, $"Content-Type: {type}; charset=utf-8"));
        var error = await Assert.ThrowsAsync<InputException>(() => _network.Client().GetManifestAsync(RegistryReference.Parse($"{server.Name}/a:1"), default));
        Assert.True(error.Describe().Contains(expected, StringComparison.Ordinal), $"{name}: {error.Describe()}");
    }

    [Fact]
    public async Task A_manifest_with_another_digest_is_refused()
    {
        var server = _network.Local(exchange => exchange.AnswerAsync(200, "{}", $"Docker-Content-Digest: {Digest.Of(Blob)}"));
        var image = RegistryReference.Parse($"{server.Name}/a@{Digest.Of(Blob)}");
        await Assert.ThrowsAsync<InputException>(() => _network.Client().GetManifestAsync(image, default));
        var other = _network.Local(exchange => exchange.AnswerAsync(200, "{}", $"Content-Type: {MediaTypes.OciManifest}", $"Docker-Content-Digest: {Digest.Of([1])}"));
        image = RegistryReference.Parse($"{other.Name}/a@{Digest.Of(Blob)}");
        await Assert.ThrowsAsync<InputException>(() => _network.Client().DescribeManifestAsync(image, default));
    }

    [Fact]
    public async Task A_manifest_without_an_end_is_left()
    {
        var sent = 0L;
        var server = _network.Local(async exchange =>
        {
            await exchange.WriteAsync("HTTP/1.1 200 OK\r\n\r\n");
            exchange.Close();
            for (var piece = new byte[1 << 16]; sent < 64 << 20; sent += piece.Length) await exchange.WriteAsync(piece);
        });
        var error = await Assert.ThrowsAsync<InputException>(() => _network.Client().GetManifestAsync(RegistryReference.Parse($"{server.Name}/a:1"), default));
        Assert.Contains("more than 4194304 bytes", error.Describe(), StringComparison.Ordinal);
        Assert.InRange(sent, 0, 32 << 20);
    }

    [Fact]
    public async Task A_flood_of_headers_is_left()
    {
        var server = _network.Local(async exchange =>
        {
            exchange.Close();
            await exchange.WriteAsync("HTTP/1.1 200 OK\r\n");
            for (var line = 0; line < 100_000; line++) await exchange.WriteAsync($"X-{line}: {new string('h', 100)}\r\n");
        });
        var error = await Assert.ThrowsAsync<InputException>(() => ReadAsync(server));
        Assert.Contains("headers longer than any sound server's", error.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_HTTP_is_refused()
    {
        var server = _network.Local(async exchange =>
        {
            exchange.Close();
            await exchange.WriteAsync("220 mail.example ESMTP\r\n\r\n");
        });
        await Assert.ThrowsAsync<InputException>(() => ReadAsync(server));
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Len")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nxxx")]
    public async Task A_server_that_stands_still_is_left(string start)
    {
        var server = _network.Local(async exchange =>
        {
            if (start.Length > 0) await exchange.WriteAsync(start);
            await exchange.WaitForEndAsync();
        });
        var client = _network.Client(limits: limits => limits with { PatienceMilliseconds = 120 });
        var error = await Assert.ThrowsAsync<LostConnectionException>(() => ReadAsync(server, client));
        Assert.Matches("does not answer|stands still", error.Describe());
        Assert.InRange(server.Requests.Count, 1, 7);
    }

    [Fact]
    public async Task A_server_that_drips_is_left()
    {
        var server = _network.Local(async exchange =>
        {
            exchange.Close();
            await exchange.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n");
            for (var sent = 0; sent < 5000; sent++)
            {
                await exchange.WriteAsync("x");
                await Task.Delay(5);
            }
        });
        var client = _network.Client(limits: limits => limits with { PatienceMilliseconds = 60 });
        await Assert.ThrowsAnyAsync<OverlayImgException>(() => ReadAsync(server, client));
    }

    [Fact]
    public async Task A_blob_that_trickles_is_left()
    {
        // As much in each moment as once was enough for ever: 16 KiB within the patience for 240.
        var blob = new byte[8 << 20];
        var server = _network.Local(exchange => TrickleAsync(exchange, $"HTTP/1.1 200 OK\r\nContent-Length: {blob.Length}\r\n\r\n", 2 << 10));
        var client = _network.Client(limits: limits => limits with { PatienceMilliseconds = 80 });
        var descriptor = new Descriptor(MediaTypes.OciLayer, Digest.Of(blob), blob.Length);
        var error = await Assert.ThrowsAsync<LostConnectionException>(() =>
            client.ReadBlobAsync(RegistryReference.Parse($"{server.Name}/a"), descriptor, blob.Length, default));
        Assert.Matches("does not answer|stands still", error.Describe());
    }

    [Fact]
    public async Task A_document_that_takes_its_time_is_left()
    {
        var server = _network.Local(exchange => TrickleAsync(exchange, "HTTP/1.1 200 OK\r\n\r\n", 4 << 10));
        var client = _network.Client(limits: limits => limits with { DocumentMilliseconds = 400 });
        await Assert.ThrowsAsync<LostConnectionException>(() => client.GetManifestAsync(RegistryReference.Parse($"{server.Name}/a:1"), default));
        Assert.Equal(4, server.Requests.Count);
        // Of an error the status is enough.
        var refusing = _network.Local(exchange => TrickleAsync(exchange, "HTTP/1.1 400 X\r\n\r\n", 100));
        var error = await Assert.ThrowsAsync<InputException>(() => client.GetManifestAsync(RegistryReference.Parse($"{refusing.Name}/a:1"), default));
        Assert.Contains("the manifest is refused (400)", error.Describe(), StringComparison.Ordinal);
    }

    private static async Task TrickleAsync(FakeExchange exchange, string head, int piece)
    {
        exchange.Close();
        await exchange.WriteAsync(head);
        for (var bytes = new byte[piece]; ; await Task.Delay(10)) await exchange.WriteAsync(bytes);
    }

    [Fact]
    public async Task Errors_are_cut_and_harmless_on_a_terminal()
    {
        var message = $"\\u001b[31m{new string('m', 5000)}";
        var server = _network.Local(exchange => exchange.AnswerAsync(400, $$"""{"errors":[{"code":"X","message":"{{message}}"}]}"""));
        var error = await Assert.ThrowsAsync<InputException>(() => ReadAsync(server));
        Assert.InRange(error.Describe().Length, 300, 700);
        Assert.DoesNotContain('\u001b', error.Describe());
        Assert.Single(server.Requests);
    }

    private static Descriptor Described => new(MediaTypes.OciLayer, Digest.Of(Blob), Blob.Length);

    private Task<byte[]> ReadAsync(FakeServer server, RegistryClient? client = null) =>
        (client ?? _network.Client()).ReadBlobAsync(RegistryReference.Parse($"{server.Name}/a"), Described, 1 << 20, default);
}
