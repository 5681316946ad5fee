using System.Text;

namespace OverlayImg.Tool.Tests.Registries;

/// <summary>Tests of malicious or broken registries: one error sentence, no output, no credentials sent to other servers.</summary>
public sealed class HostileRegistryTests(InstalledTool tool) : IDisposable
{
    private const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    private const string OciIndex = "application/vnd.oci.image.index.v1+json";

    // All attacks are pulled to an archive. One attack on the manifest and one on a blob also run with other verbs and outputs.
    private static readonly string[] ByOtherWays = ["manifest and index at once", "wrong digest"];

    private readonly RegistryRun _run = new(tool);
    private readonly FakeRegistry _registry = new();
    private readonly FakeRegistry _elsewhere = new();

    public static TheoryData<string, int, string> Attacks => new()
    {
        { "wrong digest", 3, "digest" },
        { "wrong diff ID", 3, "diff ID" },
        { "wrong size", 3, "bytes" },
        { "shorter than it says", 3, "bytes" },
        { "manifest and index at once", 3, "at once" },
        { "schema 1", 3, "schema 1" },
        { "index said to be a manifest", 3, "media type" },
        { "digest with a path", 3, "sha256" },
        { "truncated gzip", 3, "truncated" },
        { "corrupt gzip", 3, "corrupt" },
        { "nested index", 3, "deep" },
        { "indexes that name each other's parts a thousand times", 3, "no image" },
        { "index that says another size", 3, "bytes" },
        { "other number of layers", 3, "diff IDs" },
        { "blob that is not there", 3, "does not exist" },
    };

    public void Dispose()
    {
        _run.Dispose();
        _registry.Dispose();
        _elsewhere.Dispose();
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task An_attack_is_refused_in_one_sentence_and_nothing_is_written(string attack, int exitCode, string word)
    {
        Offer(attack);
        // A second pull is refused, too, because the cache does not keep refused blobs.
        for (var run = 0; run < 2; run++) await FailAsync("pull", $"{_registry.Host}/image:1", "-o", "image.tar");
        if (ByOtherWays.Contains(attack))
        {
            await FailAsync("pull", $"{_registry.Host}/image:1", "-o", "oci:layout");
            await FailAsync("export", $"docker://{_registry.Host}/image:1", "-o", "rootfs.tar");
        }

        async Task FailAsync(params string[] arguments) =>
            Assert.Contains(word, await _run.FailAsync(exitCode, arguments), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task An_artifact_is_pulled_as_an_OCI_archive_and_is_no_base_image()
    {
        Offer("artifact");
        var pull = await _run.RunAsync("pull", $"{_registry.Host}/image:1", "-o", "artifact.tar");
        Assert.Equal(0, pull.ExitCode);
        Assert.Contains("holds an artifact, not an image", pull.StandardError, StringComparison.Ordinal);
        var members = await Testing.Tool.OutputAsync("tar", "-tf", _run["artifact.tar"]);
        Assert.Contains("index.json", members, StringComparison.Ordinal);
        Assert.DoesNotContain("manifest.json", members, StringComparison.Ordinal);
        Assert.Contains(
            "artifact", await _run.FailAsync(3, "export", $"docker://{_registry.Host}/image:1", "-o", "rootfs.tar"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_to_another_server_sends_no_credentials()
    {
        var credentials = await WriteCredentialsAsync();
        _registry.On("/v2/image/manifests/1", exchange => exchange.Request["Authorization"] is null
            ? exchange.AnswerAsync(401, [], "WWW-Authenticate: Basic realm=\"x\"")
            : exchange.AnswerAsync(307, [], $"Location: http://localhost:{_elsewhere.Port}/steal"));
        await FailAsync(credentials);
        Assert.Contains($"Basic {credentials}", _registry.Secrets);
        Assert.Contains(_elsewhere.Requests, request => request.Path == "/steal");
        Assert.Empty(_elsewhere.Secrets);
    }

    [Fact]
    public async Task A_realm_on_a_private_address_is_not_asked()
    {
        // All requests to other hosts than the registry go through this proxy.
        _run.Environment["http_proxy"] = _run.Environment["https_proxy"] = $"http://{_elsewhere.Host}";
        _run.Environment["no_proxy"] = "127.0.0.1";
        var credentials = await WriteCredentialsAsync();
        _registry.On("/v2/image/manifests/1", exchange =>
            exchange.AnswerAsync(401, [], "WWW-Authenticate: Bearer realm=\"http://169.254.169.254/token\",service=\"x\""));
        await FailAsync(credentials);
        Assert.Contains(_registry.Requests, request => request.Path == "/v2/image/manifests/1");
        Assert.Empty(_registry.Secrets);
        Assert.Empty(_elsewhere.Requests);
    }

    /// <returns>The credentials as they are sent in the Authorization header.</returns>
    private async Task<string> WriteCredentialsAsync()
    {
        var credentials = Convert.ToBase64String("user:secret"u8.ToArray());
        await File.WriteAllTextAsync(_run["auth.json"], $$"""{"auths": {"{{_registry.Host}}": {"auth": "{{credentials}}"} } }""");
        return credentials;
    }

    private async Task FailAsync(string credentials)
    {
        var run = await _run.RunAsync("pull", $"{_registry.Host}/image:1", "--authfile", "auth.json", "-o", "image.tar");
        Assert.True(run.ExitCode is 3 or 4, run.StandardError);
        Assert.DoesNotContain("secret", run.StandardError, StringComparison.Ordinal);
        Assert.DoesNotContain(credentials, run.StandardError, StringComparison.Ordinal);
        Assert.Equal(["auth.json"], _run.Outputs);
    }

    private void Offer(string attack)
    {
        var sound = FixtureImage.Layer("file", "content\n");
        var image = new FixtureImage(isOci: true);
        switch (attack)
        {
            case "wrong digest":
                image.OfferBy(_registry);
                _registry.OfferBlob([.. image.Blobs[0][..^1], 1], FakeRegistry.DigestOf(image.Blobs[0]));
                break;
            case "wrong diff ID":
                new FixtureImage(isOci: true, layers: [(sound.Blob, FakeRegistry.DigestOf([1]))]).OfferBy(_registry);
                break;
            case "wrong size":
                image.OfferBy(_registry);
                _registry.OfferManifest(
                    image.Manifest.Replace($"\"size\":{image.Blobs[0].Length}", "\"size\":7", StringComparison.Ordinal), OciManifest);
                break;
            case "shorter than it says":
                image.OfferBy(_registry);
                _registry.OfferBlob(image.Blobs[0][..^1], FakeRegistry.DigestOf(image.Blobs[0]));
                break;
            case "manifest and index at once":
                image.OfferBy(_registry);
                _registry.OfferManifest(image.Manifest[..^1] + ",\"manifests\":[]}", OciManifest);
                break;
            case "schema 1":
                _registry.OfferManifest(
                    """{"schemaVersion":1,"name":"image","tag":"1","fsLayers":[],"history":[]}""",
                    "application/vnd.docker.distribution.manifest.v1+json");
                break;
            case "index said to be a manifest":
                _registry.OfferManifest("""{"schemaVersion":2,"manifests":[]}""", OciManifest);
                break;
            case "digest with a path":
                image.OfferBy(_registry);
                _registry.OfferManifest(
                    image.Manifest.Replace(
                        FakeRegistry.DigestOf(image.Blobs[0]), "sha256:../../../../etc/passwd", StringComparison.Ordinal), OciManifest);
                break;
            case "truncated gzip":
                new FixtureImage(isOci: true, layers: [(sound.Blob[..^12], sound.DiffId)]).OfferBy(_registry);
                break;
            case "corrupt gzip":
                new FixtureImage(isOci: true, layers: [([.. sound.Blob[..^8], 1, 2, 3, 4, .. sound.Blob[^4..]], sound.DiffId)]).OfferBy(_registry);
                break;
            case "nested index":
                OfferNestedIndexes(depth: 100, width: 1);
                break;
            case "indexes that name each other's parts a thousand times":
                OfferNestedIndexes(depth: 7, width: 1000);
                break;
            case "index that says another size":
                image.OfferBy(_registry);
                var digest = FakeRegistry.DigestOf(Encoding.UTF8.GetBytes(image.Manifest));
                var platform = """{"os":"linux","architecture":"amd64"}""";
                _registry.OfferManifest(
                    $$"""{"schemaVersion":2,"manifests":[{"mediaType":"{{OciManifest}}","digest":"{{digest}}","size":""" +
                    $$"""{{image.Manifest.Length + 1}},"platform":{{platform}}}]}""", OciIndex);
                break;
            case "artifact":
                image.OfferBy(_registry);
                _registry.OfferManifest(
                    image.Manifest.Replace(
                        "application/vnd.oci.image.config.v1+json", "application/vnd.example+json", StringComparison.Ordinal), OciManifest);
                break;
            case "other number of layers":
                var two = new FixtureImage(isOci: true, layers: [sound, sound]);
                two.OfferBy(_registry);
                var layer = two.Manifest[two.Manifest.LastIndexOf(",{", StringComparison.Ordinal)..].TrimEnd('}', ']');
                _registry.OfferManifest(two.Manifest.Replace(layer + "}]}", "]}", StringComparison.Ordinal), OciManifest);
                break;
            case "blob that is not there":
                _registry.OfferManifest(image.Manifest, OciManifest);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(attack));
        }
    }

    private void OfferNestedIndexes(int depth, int width)
    {
        var text = """{"schemaVersion":2,"manifests":[]}""";
        for (; depth > 0; depth--)
        {
            var entry = $$"""{"mediaType":"{{OciIndex}}","digest":"{{_registry.OfferManifest(text, OciIndex, "inner")}}","size":{{text.Length}}}""";
            text = $$"""{"schemaVersion":2,"manifests":[{{string.Join(',', Enumerable.Repeat(entry, width))}}]}""";
        }

        _registry.OfferManifest(text, OciIndex);
    }
}
