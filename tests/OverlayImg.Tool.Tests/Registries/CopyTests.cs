using OverlayImg.Tool.Tests.Judges;

namespace OverlayImg.Tool.Tests.Registries;

/// <summary>Tests of <c>copy</c> and <c>push</c> between archives, layouts and registries. Existing blobs are not sent again.</summary>
public sealed class CopyTests(InstalledTool tool, PlainRegistry fixture) : IClassFixture<PlainRegistry>, IDisposable
{
    private readonly RegistryRun _run = new(tool);

    private TestRegistry Registry => fixture.Registry;

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task Pushed_blobs_are_not_sent_again_and_are_mounted_between_repositories()
    {
        await BusyboxImage.WriteAsync(_run["busybox.tar"]);
        var first = await RequestsAsync("push", "busybox.tar", $"docker://{Registry.Host}/push/one:1", "--digestfile", "digest");
        Assert.NotEmpty(Sent(first));
        Assert.Equal(await File.ReadAllTextAsync(_run["digest"]), await DigestAsync("push/one:1"));
        Assert.Empty(Sent(await RequestsAsync("push", "busybox.tar", $"{Registry.Host}/push/one:2")));
        Assert.Equal(await DigestAsync("push/one:1"), await DigestAsync("push/one:2"));

        // The registry mounts blobs from another repository, so they are neither fetched nor sent. This also works for an image
        // from a file if an earlier run pushed its blobs.
        AssertMounted(await RequestsAsync("push", "busybox.tar", $"{Registry.Host}/push/two:1"), "push/two", count: 2);
        using var other = new RegistryRun(tool);
        var copied = await Registry.RequestsOfAsync(async () =>
            (await other.RunAsync("copy", $"docker://{Registry.Host}/push/one:1", $"docker://{Registry.Host}/push/three:1")).Succeeded());
        AssertMounted(copied, "push/three", count: 2);
        // Only the config is fetched, because it has the diff IDs.
        Assert.Single(copied, request => request.StartsWith("GET /v2/push/one/blobs/", StringComparison.Ordinal));
        foreach (var repository in new[] { "push/two", "push/three" })
            Assert.Equal(await DigestAsync("push/one:1"), await DigestAsync($"{repository}:1"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_copy_between_registries_keeps_every_digest(bool isOci)
    {
        await using var other = await TestRegistry.StartAsync();
        var image = new FixtureImage(isOci);
        await image.PutAsync(Registry.Host, "unchanged", "1");
        (await _run.RunAsync("copy", $"docker://{Registry.Host}/unchanged:1", $"docker://{other.Host}/unchanged:1")).Succeeded();
        Assert.Equal(image.Digest, await DigestAsync("unchanged:1", other));
        // A destination with a digest must have the digest of the image.
        (await _run.RunAsync("copy", $"docker://{Registry.Host}/unchanged:1", $"docker://{other.Host}/by-digest@{image.Digest}")).Succeeded();
        var wrong = $"docker://{other.Host}/by-digest@sha256:{new string('0', 64)}";
        Assert.Contains(image.Digest, await _run.FailAsync(3, "copy", $"docker://{Registry.Host}/unchanged:1", wrong), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Copy_with_all_keeps_an_index_in_registries_layouts_and_archives(bool isOci)
    {
        var (amd64, arm64) = (new FixtureImage(isOci), new FixtureImage(isOci, "arm64"));
        var name = isOci ? "all/oci" : "all/docker";
        await amd64.PutAsync(Registry.Host, name, null);
        await arm64.PutAsync(Registry.Host, name, null);
        var index = await FixtureImage.PutIndexAsync(Registry.Host, name, "1", isOci, (amd64, "amd64"), (arm64, "arm64"));
        (await _run.RunAsync("copy", "--all", $"docker://{Registry.Host}/{name}:1", $"docker://{Registry.Host}/{name}-again:1")).Succeeded();
        Assert.Equal(index, await DigestAsync($"{name}-again:1"));
        // A layout holds only OCI manifests. Docker manifests are converted, so their digests change; the configs and layers stay.
        var layout = (await _run.JsonAsync("copy", "--all", $"docker://{Registry.Host}/{name}:1", "oci:layout:all"))["digest"]!.GetValue<string>();
        Assert.Equal(isOci, layout == index);
        (await _run.RunAsync("copy", "--all", "oci:layout:all", "oci-archive:all.tar:all")).Succeeded();
        (await _run.RunAsync("copy", "--all", "oci-archive:all.tar:all", $"docker://{Registry.Host}/{name}-back:1")).Succeeded();
        Assert.Equal(layout, await DigestAsync($"{name}-back:1"));
        foreach (var (architecture, image) in new[] { ("amd64", amd64), ("arm64", arm64) })
        {
            foreach (var source in new[] { "oci:layout:all", "oci-archive:all.tar:all", $"docker://{Registry.Host}/{name}-back:1" })
            {
                var config = await Testing.Tool.BashAsync(
                    $"skopeo --override-arch {architecture} inspect --tls-verify=false --config --raw {source}", _run.Path);
                Assert.Equal(System.Text.Encoding.UTF8.GetString(image.Config), config.TrimEnd('\n'));
            }
        }

        (await _run.RunAsync("copy", "--platform", "linux/arm64", "oci:layout:all", "one.tar")).Succeeded();
        Assert.Contains("arm64", await Testing.Tool.BashAsync("skopeo inspect docker-archive:one.tar", _run.Path), StringComparison.Ordinal);
        Assert.Contains(
            "--all", await _run.FailAsync(2, "copy", "--all", "--platform", "linux/arm64", "oci:layout:all", "two.tar"), StringComparison.Ordinal);
        Assert.Contains(
            "oci-archive", await _run.FailAsync(2, "copy", "--all", "oci:layout:all", "docker-archive:two.tar"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gzip", "application/vnd.oci.image.layer.v1.tar+gzip", "1f8b")]
    [InlineData("zstd", "application/vnd.oci.image.layer.v1.tar+zstd", "28b5")]
    [InlineData("none", "application/vnd.oci.image.layer.v1.tar", "6574")]
    public async Task Layers_get_the_given_compression_and_the_image_is_the_same(string compression, string mediaType, string magic)
    {
        var image = new FixtureImage(isOci: true);
        await image.PutAsync(Registry.Host, "compress", "1");
        (await _run.RunAsync(
            "copy", "--compression", compression, $"docker://{Registry.Host}/compress:1", $"docker://{Registry.Host}/compress:{compression}"))
            .Succeeded();
        var layers = await Testing.Tool.BashAsync(
            $"skopeo inspect --raw --tls-verify=false docker://{Registry.Host}/compress:{compression} | " +
            "jq -r '.layers[] | .mediaType + \" \" + .digest'");
        foreach (var layer in layers.Trim().Split('\n'))
        {
            Assert.StartsWith(mediaType + " ", layer, StringComparison.Ordinal);
            using var client = new HttpClient();
            var blob = await client.GetByteArrayAsync(new Uri($"http://{Registry.Host}/v2/compress/blobs/{layer.Split(' ')[1]}"));
            Assert.Equal(magic, Convert.ToHexStringLower(blob.AsSpan(0, 2)));
        }

        (await _run.RunAsync("pull", $"{Registry.Host}/compress:{compression}", "-o", "image.tar")).Succeeded();
        var config = await Testing.Tool.BashAsync("skopeo inspect --config --raw docker-archive:image.tar", _run.Path);
        Assert.Equal(System.Text.Encoding.UTF8.GetString(image.Config), config.TrimEnd('\n'));
    }

    [Fact]
    public async Task Docker_manifests_are_converted_to_OCI_only_if_necessary()
    {
        var image = new FixtureImage(isOci: false);
        await image.PutAsync(Registry.Host, "family", "1");
        foreach (var (compression, family) in new[] { ("none", "docker"), ("zstd", "oci") })
        {
            (await _run.RunAsync(
                "copy", "--compression", compression, $"docker://{Registry.Host}/family:1", $"docker://{Registry.Host}/family:{compression}"))
                .Succeeded();
            var types = await Testing.Tool.BashAsync(
                $"skopeo inspect --raw --tls-verify=false docker://{Registry.Host}/family:{compression} | jq -r '..|.mediaType? // empty' | " +
                "cut -d. -f2 | sort -u");
            Assert.Equal(family, types.Trim());
        }
    }

    [Fact]
    public async Task Copies_between_archive_and_layout_have_the_same_digests_as_copies_by_skopeo()
    {
        await BusyboxImage.WriteAsync(_run["in.tar"]);
        await Testing.Tool.BashAsync(
            "skopeo --insecure-policy copy -q --dest-oci-accept-uncompressed-layers docker-archive:in.tar oci:skopeo:it; " +
            "skopeo --insecure-policy copy -q oci:skopeo:it docker-archive:skopeo.tar:it:1", _run.Path);
        (await _run.RunAsync("copy", "docker-archive:in.tar", "oci:own:it")).Succeeded();
        (await _run.RunAsync("copy", "oci:own:it", "docker-archive:own.tar:it:1")).Succeeded();
        // overlayimg and skopeo also copy each other's layouts.
        (await _run.RunAsync("copy", "oci:skopeo:it", "docker-archive:mixed.tar:it:1")).Succeeded();
        await Testing.Tool.BashAsync("skopeo --insecure-policy copy -q oci:own:it docker-archive:mixed-too.tar:it:1", _run.Path);
        const string Digests = "jq -c '[.config.digest, [.layers[].digest]]'";
        var expected = await Testing.Tool.BashAsync($"skopeo inspect --raw oci:skopeo:it | {Digests}", _run.Path);
        Assert.Equal(expected, await Testing.Tool.BashAsync($"skopeo inspect --raw oci:own:it | {Digests}", _run.Path));
        foreach (var archive in new[] { "skopeo.tar", "own.tar", "mixed.tar", "mixed-too.tar" })
            Assert.Equal(expected, await Testing.Tool.BashAsync($"skopeo inspect --raw docker-archive:{archive} | {Digests}", _run.Path));
    }

    [Fact]
    public async Task A_compressed_archive_and_stdin_are_sources_too()
    {
        await BusyboxImage.WriteAsync(_run["in.tar"]);
        await Testing.Tool.BashAsync("gzip -k in.tar", _run.Path);
        (await _run.RunAsync("push", "in.tar.gz", $"{Registry.Host}/compressed:1")).Succeeded();
        (await _run.RunAsync("push", "in.tar", $"{Registry.Host}/compressed:2")).Succeeded();
        Assert.Equal(await DigestAsync("compressed:1"), await DigestAsync("compressed:2"));
        (await _run.RunAsync("copy", "in.tar.gz", "out.tar.zst")).Succeeded();
        Assert.Equal(
            await Testing.Tool.BashAsync("skopeo inspect --config --raw docker-archive:in.tar", _run.Path),
            await Testing.Tool.BashAsync("zstd -qd out.tar.zst; skopeo inspect --config --raw docker-archive:out.tar", _run.Path));
    }

    /// <summary>OCI has no media types for these compressions, but docker loads such layers.</summary>
    [Theory]
    [InlineData("xz")]
    [InlineData("bzip2")]
    public async Task A_layer_in_a_compression_that_OCI_does_not_have_is_recompressed(string compressor)
    {
        await BusyboxImage.WriteAsync(_run["in.tar"]);
        await Testing.Tool.BashAsync(
            $"mkdir in; tar -C in -xf in.tar; for f in $(jq -r '.[].Layers[]' in/manifest.json); do {compressor} -c in/$f > t; mv t in/$f; done; " +
            $"tar -C in -cf {compressor}.tar .",
            _run.Path);
        var name = $"foreign-{compressor}";
        (await _run.RunAsync("push", $"{compressor}.tar", $"{Registry.Host}/{name}:1")).Succeeded();
        (await _run.RunAsync("copy", $"{compressor}.tar", "oci:layout:it")).Succeeded();
        const string Types = "jq -r '.layers[].mediaType'";
        Assert.Equal("application/vnd.oci.image.layer.v1.tar+gzip\n",
            await Testing.Tool.BashAsync($"skopeo inspect --raw --tls-verify=false docker://{Registry.Host}/{name}:1 | {Types}"));
        Assert.Equal(
            "application/vnd.oci.image.layer.v1.tar\n", await Testing.Tool.BashAsync($"skopeo inspect --raw oci:layout:it | {Types}", _run.Path));
        // The uncompressed layers have the diff IDs of the config.
        var expected = await Testing.Tool.BashAsync("skopeo inspect --config --raw docker-archive:in.tar", _run.Path);
        await Testing.Tool.BashAsync(
            $"skopeo --insecure-policy copy -q --src-tls-verify=false docker://{Registry.Host}/{name}:1 docker-archive:a.tar; " +
            "skopeo --insecure-policy copy -q oci:layout:it docker-archive:b.tar",
            _run.Path);
        Assert.Equal(expected, await Testing.Tool.BashAsync("skopeo inspect --config --raw docker-archive:a.tar", _run.Path));
        Assert.Equal(expected, await Testing.Tool.BashAsync("skopeo inspect --config --raw docker-archive:b.tar", _run.Path));
    }

    private Task<IReadOnlyList<string>> RequestsAsync(params string[] arguments) =>
        Registry.RequestsOfAsync(async () => (await _run.RunAsync(arguments)).Succeeded());

    private static IEnumerable<string> Sent(IEnumerable<string> requests) =>
        requests.Where(
            request => request.Contains("/blobs/uploads/", StringComparison.Ordinal) && !request.StartsWith("GET ", StringComparison.Ordinal));

    private static void AssertMounted(IReadOnlyList<string> requests, string repository, int count)
    {
        string[] sent = [.. Sent(requests)];
        Assert.Equal(count, sent.Length);
        Assert.All(sent, request =>
        {
            Assert.StartsWith($"POST /v2/{repository}/blobs/uploads/?", request, StringComparison.Ordinal);
            Assert.Contains("mount=", request, StringComparison.Ordinal);
            Assert.EndsWith(" 201", request, StringComparison.Ordinal);
        });
    }

    private async Task<string> DigestAsync(string image, TestRegistry? registry = null)
    {
        var bytes = (await Testing.Tool.RunAsync(
            "skopeo", ["inspect", "--raw", "--tls-verify=false", $"docker://{(registry ?? Registry).Host}/{image}"])).Succeeded();
        return FakeRegistry.DigestOf(bytes.StandardOutputBytes);
    }
}
