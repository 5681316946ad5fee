using OverlayImg.Images.Digests;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries.Transport;
using OverlayImg.Testing;

namespace OverlayImg.Images.Tests;

public sealed class RegistryPushTests : IDisposable
{
    private readonly FakeNetwork _network = new();
    private readonly FakeRegistry _registry = new();
    private readonly FakeServer _server;
    private readonly Sum _sent = new();
    private readonly byte[] _bytes = new byte[300_000];

    public RegistryPushTests()
    {
        _server = _network.Local(_registry.AnswerAsync);
        new Random(1).NextBytes(_bytes);
    }

    private Descriptor Blob => new(MediaTypes.OciLayer, Digest.Of(_bytes), _bytes.Length);

    private RegistryReference Reference => RegistryReference.Parse($"{_server.Name}/a/b:1");

    public void Dispose() => _network.Dispose();

    [Fact]
    public async Task A_blob_goes_in_one_piece()
    {
        await PushAsync();
        Assert.Equal(["POST /v2/a/b/blobs/uploads/", $"PUT /v2/a/b/blobs/uploads/1?_state=a%2Fb&digest=sha256%3A{Blob.Digest.Hex}"], _server.Lines);
        Assert.Equal("application/octet-stream", _server.Requests[1]["Content-Type"]);
        Assert.True(await _network.Client().HasBlobAsync(Reference, Blob, default));
    }

    [Fact]
    public async Task An_empty_blob_goes()
    {
        var empty = new Descriptor(MediaTypes.OciLayer, Digest.Of([]), 0);
        await _network.Client().UploadBlobAsync(Reference, empty, _ => new MemoryStream(), null, default);
        Assert.Empty(_registry.Blobs[$"a/b@{empty.Digest}"]);
    }

    [Fact]
    public async Task A_blob_goes_in_chunks_of_the_size_that_the_registry_wants()
    {
        _registry.First = async exchange =>
        {
            if (exchange.Request.Method != "POST") return false;
            _registry.Uploads["7"] = [];
            await exchange.AnswerAsync(202, [], $"Location: http://{_server.Name}/v2/a/b/blobs/uploads/7?_state=a%2Fb", "OCI-Chunk-Min-Length: 100000");
            return true;
        };
        await PushAsync();
        Assert.Equal(["0-99999", "100000-199999", "200000-299999"], Patches);
    }

    [Fact]
    public async Task Chunks_become_smaller_where_something_before_the_registry_takes_no_big_ones()
    {
        _registry.First = async exchange =>
        {
            if (exchange.Request["Content-Length"] is not { } length || int.Parse(length, System.Globalization.CultureInfo.InvariantCulture) <= 50_000) return false;
            await exchange.AnswerAsync(413);
            return true;
        };
        await PushAsync(limits => limits with { Chunk = 160_000 });
        Assert.Equal(["0-159999", .. Enumerable.Range(0, 7).Select(index => $"{index * 40_000}-{(index * 40_000) + 39_999}"), "280000-299999"], Patches);
    }

    [Fact]
    public async Task An_upload_that_is_cut_goes_on_where_the_registry_is()
    {
        var isFirst = true;
        _registry.First = async exchange =>
        {
            if (exchange.Request.Method != "PUT" || !isFirst) return false;
            isFirst = false;
            _registry.Uploads["1"] = await exchange.ReadBodyAsync(123_456);
            exchange.Cut();
            return true;
        };
        await PushAsync(limits => limits with { Chunk = 100_000 });
        Assert.Equal(["123456-223455", "223456-299999"], Patches);
        Assert.Equal(["POST", "PUT", "GET", "PATCH", "PATCH", "PUT"], _server.Requests.Select(request => request.Method));
    }

    [Fact]
    public async Task An_upload_that_is_cut_within_a_chunk_goes_on_there()
    {
        var patches = 0;
        _registry.First = async exchange =>
        {
            if (exchange.Request.Method == "PUT" && patches == 0)
            {
                exchange.Cut();
                return true;
            }

            if (exchange.Request.Method != "PATCH" || ++patches != 2) return false;
            _registry.Uploads["1"] = [.. _registry.Uploads["1"], .. await exchange.ReadBodyAsync(1000)];
            exchange.Cut();
            return true;
        };
        await PushAsync(limits => limits with { Chunk = 200_000 });
        Assert.Equal(["0-199999", "200000-299999", "201000-299999"], Patches);
    }

    [Fact]
    public async Task An_upload_that_the_registry_forgot_begins_anew()
    {
        var isFirst = true;
        _registry.First = async exchange =>
        {
            if (exchange.Request.Method != "PUT" || !isFirst) return false;
            isFirst = false;
            await exchange.ReadBodyAsync(1000);
            _registry.Uploads.Clear();
            exchange.Cut();
            return true;
        };
        await PushAsync(limits => limits with { Chunk = 1 << 20 });
        Assert.Equal(["POST", "PUT", "GET", "HEAD", "POST", "PATCH", "PUT"], _server.Requests.Select(request => request.Method));
    }

    [Fact]
    public async Task An_upload_whose_answer_was_lost_is_done()
    {
        _registry.First = async exchange =>
        {
            if (exchange.Request.Method != "PUT") return false;
            _registry.Add("a/b", await exchange.ReadBodyAsync());
            _registry.Uploads.Clear();
            exchange.Cut();
            return true;
        };
        await PushAsync();
        Assert.Equal(["POST", "PUT", "GET", "HEAD"], _server.Requests.Select(request => request.Method));
    }

    [Fact]
    public async Task An_upload_that_is_cut_for_ever_is_given_up()
    {
        _registry.First = exchange =>
        {
            if (exchange.Request.Method is not ("PUT" or "PATCH")) return Task.FromResult(false);
            exchange.Cut();
            return Task.FromResult(true);
        };
        await Assert.ThrowsAsync<LostConnectionException>(() => PushAsync());
        Assert.Equal(6, _server.Requests.Count(request => request.Method is "PUT" or "PATCH"));
    }

    [Fact]
    public async Task An_upload_waits_as_long_as_the_registry_wants()
    {
        var isFirst = true;
        _registry.First = async exchange =>
        {
            if (exchange.Request.Method != "PUT" || !isFirst) return false;
            isFirst = false;
            await exchange.ReadBodyAsync();
            await exchange.AnswerAsync(503, [], "Retry-After: 33");
            return true;
        };
        await PushAsync();
        Assert.Equal([TimeSpan.FromSeconds(33)], _network.Delays);
    }

    [Fact]
    public async Task An_upload_that_begins_anew_for_ever_is_given_up()
    {
        _registry.First = exchange =>
        {
            if (exchange.Request.Method is not ("PUT" or "PATCH") || exchange.Request["Content-Range"]?.StartsWith("0-", StringComparison.Ordinal) == true) return Task.FromResult(false);
            _registry.Uploads.Clear();
            exchange.Cut();
            return Task.FromResult(true);
        };
        await Assert.ThrowsAsync<LostConnectionException>(() => PushAsync(limits => limits with { Chunk = 200_000, Progress = 100_000 }));
        Assert.InRange(_server.Requests.Count(request => request.Method == "POST"), 6, 8);
    }

    [Fact]
    public async Task A_registry_that_refuses_the_bytes_is_asked_once()
    {
        var error = await Assert.ThrowsAsync<InputException>(() => _network.Client()
            .UploadBlobAsync(Reference, Blob with { Digest = Digest.Of([1]) }, from => new MemoryStream(_bytes[(int)from..]), null, default));
        Assert.Contains("(400, DIGEST_INVALID: not these bytes)", error.Describe(), StringComparison.Ordinal);
        Assert.Equal(2, _server.Requests.Count);
    }

    [Fact]
    public async Task A_registry_that_takes_it_for_another_blob_is_refused()
    {
        _registry.First = async exchange =>
        {
            if (exchange.Request.Method != "PUT") return false;
            await exchange.ReadBodyAsync();
            await exchange.AnswerAsync(201, [], $"Docker-Content-Digest: {Digest.Of([1])}");
            return true;
        };
        await Assert.ThrowsAsync<InputException>(() => PushAsync());
        var manifest = _registry.AddImage("other", "1");
        await Assert.ThrowsAsync<InputException>(() => _network.Client().PutManifestAsync(Reference, manifest, default));
    }

    [Fact]
    public async Task A_registry_that_never_says_that_it_has_all_is_given_up()
    {
        _registry.First = async exchange =>
        {
            if (exchange.Request.Method != "PUT") return false;
            await exchange.ReadBodyAsync();
            await exchange.WaitForEndAsync();
            return true;
        };
        var error = await Assert.ThrowsAsync<LostConnectionException>(() => PushAsync(limits => limits with { PatienceMilliseconds = 150 }));
        Assert.Contains("does not answer", error.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_blob_is_mounted_where_the_registry_does_so()
    {
        _registry.Add("base", _bytes);
        Assert.True(await _network.Client().TryMountBlobAsync(Reference, Blob, "base", default));
        Assert.Equal([$"POST /v2/a/b/blobs/uploads/?mount=sha256%3A{Blob.Digest.Hex}&from=base"], _server.Lines);
        Assert.True(_registry.Blobs.ContainsKey($"a/b@{Blob.Digest}"));
        Assert.False(await _network.Client().TryMountBlobAsync(Reference, Blob, "elsewhere", default));
        Assert.Empty(_registry.Uploads);
    }

    [Fact]
    public async Task A_manifest_goes_by_tag_and_by_digest()
    {
        var manifest = _registry.AddImage("other", "1");
        await _network.Client().PutManifestAsync(Reference, manifest, default);
        await _network.Client().PutManifestAsync(Reference.At(manifest.Digest), manifest, default);
        Assert.Equal(["PUT /v2/a/b/manifests/1", $"PUT /v2/a/b/manifests/{manifest.Digest}"], _server.Lines);
        Assert.All(_server.Requests, request => Assert.Equal(MediaTypes.OciManifest, request["Content-Type"]));
        Assert.Equal(manifest.Bytes.ToArray(), _registry.Manifests["a/b:1"].Bytes);
    }

    [Fact]
    public async Task A_server_that_knows_no_expectations_is_asked_without()
    {
        _registry.First = async exchange =>
        {
            if (exchange.Request["Expect"] is null) return false;
            await exchange.AnswerAsync(417);
            return true;
        };
        await PushAsync();
        Assert.Equal(["POST", "PUT", "PUT"], _server.Requests.Select(request => request.Method));
    }

    [Theory]
    [InlineData(415, "", true)]
    [InlineData(400, "MANIFEST_INVALID", true)]
    [InlineData(400, "UNSUPPORTED", true)]
    [InlineData(405, "UNSUPPORTED", true)]
    [InlineData(400, "OTHER: unknown media type", true)]
    [InlineData(400, "TAG_INVALID", false)]
    [InlineData(400, "", false)]
    [InlineData(404, "MANIFEST_INVALID", false)]
    [InlineData(403, "UNSUPPORTED", false)]
    public async Task A_refusal_of_a_media_type_is_told_from_others(int status, string code, bool isAboutMediaType)
    {
        _registry.First = async exchange =>
        {
            await exchange.ReadBodyAsync();
            await exchange.AnswerAsync(status, $$"""{"errors":[{"code":"{{code}}","message":"no"}]}""");
            return true;
        };
        var manifest = _registry.AddImage("other", "1");
        if (isAboutMediaType) Assert.NotNull(await _network.Client().PutManifestAsync(Reference, manifest, default));
        else await Assert.ThrowsAnyAsync<OverlayImgException>(() => _network.Client().PutManifestAsync(Reference, manifest, default));
    }

    private IEnumerable<string?> Patches => _server.Requests.Where(request => request.Method == "PATCH").Select(request => request["Content-Range"]);

    private async Task PushAsync(Func<ShortLimits, ShortLimits>? limits = null)
    {
        await _network.Client(limits: limits).UploadBlobAsync(Reference, Blob, from => new MemoryStream(_bytes[(int)from..]), _sent, default);
        Assert.Equal(_bytes, _registry.Blobs[$"a/b@{Blob.Digest}"]);
        Assert.Equal(_bytes.Length, _sent.Total);
    }
}
