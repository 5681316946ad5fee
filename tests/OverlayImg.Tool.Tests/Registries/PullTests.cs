using System.Text.RegularExpressions;
using OverlayImg.Testing;
using OverlayImg.Tool.Tests.Judges;

namespace OverlayImg.Tool.Tests.Registries;

/// <summary>Tests of <c>pull</c>, which has the options and the guarantees of dockerTools' pullImage.</summary>
public sealed partial class PullTests(InstalledTool tool, PlainRegistry fixture) : IClassFixture<PlainRegistry>, IDisposable
{
    private readonly RegistryRun _run = new(tool);

    private TestRegistry Registry => fixture.Registry;

    public void Dispose() => _run.Dispose();

    [Theory]
    [InlineData(true, "image.tar", "16c9843521455e2da5b502aa8b9fca187ca0ad831af2eeb37f165024287ff8ee")]
    [InlineData(false, "image.tar", "16c9843521455e2da5b502aa8b9fca187ca0ad831af2eeb37f165024287ff8ee")]
    [InlineData(true, "oci-archive:image.tar", "02cd79b9809cd7b58da40a3aa88cc19b92db8c4869f0c41ca44e3699274ec714")]
    [InlineData(false, "oci-archive:image.tar", "02cd79b9809cd7b58da40a3aa88cc19b92db8c4869f0c41ca44e3699274ec714")]
    public async Task The_hash_of_a_pulled_file_never_changes(bool isOci, string output, string expected)
    {
        var image = new FixtureImage(isOci);
        await image.PutAsync(Registry.Host, "golden", "1");
        var name = $"{Registry.Host}/golden@{image.Digest}";
        var pulled = await _run.JsonAsync("pull", name, "--final-image-name", "golden", "--final-image-tag", "1", "-o", output);
        Assert.Equal(expected, await DerivedImage.DigestAsync(_run["image.tar"]));
        Assert.Equal(image.Digest, pulled["imageDigest"]!.GetValue<string>());
        Assert.Equal(FakeRegistry.DigestOf(image.Config), pulled["imageId"]!.GetValue<string>());
        // An OCI manifest is kept byte for byte. A Docker manifest is converted to OCI.
        if (isOci) Assert.Equal(image.Digest, pulled["manifestDigest"]!.GetValue<string>());
        var types = await Testing.Tool.BashAsync(
            $"tar xOf image.tar blobs/sha256/{pulled["manifestDigest"]!.GetValue<string>()["sha256:".Length..]} | grep -o 'application/[a-z0-9.+]*'",
            _run.Path);
        Assert.DoesNotContain("docker", types, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_report_has_the_fields_of_nix_prefetch_docker_and_the_hash_pins_the_file()
    {
        var image = new FixtureImage(isOci: false);
        await image.PutAsync(Registry.Host, "team/app", "1.2");
        var pulled = await _run.JsonAsync("pull", $"docker://{Registry.Host}/team/app:1.2", "-o", "app.tar");
        var hash = await DerivedImage.DigestAsync(_run["app.tar"]);
        var integrity = $"sha256-{Convert.ToBase64String(Convert.FromHexString(hash))}";
        Assert.Equal(
            [$"{Registry.Host}/team/app", image.Digest, integrity, $"{Registry.Host}/team/app", "1.2"],
            new[] { "imageName", "imageDigest", "hash", "finalImageName", "finalImageTag" }.Select(name => pulled[name]!.GetValue<string>()));
        // A tag can move, so a warning names the digest to pin.
        Assert.Contains($"{Registry.Host}/team/app@{image.Digest}", pulled["warnings"]![0]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(
            $"[\"{Registry.Host}/team/app:1.2\"]",
            (await Testing.Tool.BashAsync("tar xOf app.tar manifest.json | jq -c '.[0].RepoTags'", _run.Path)).Trim());

        foreach (var form in new[] { hash, $"sha256:{hash}", integrity })
            (await _run.RunAsync("pull", $"{Registry.Host}/team/app:1.2", "--sha256", form, "-o", "again.tar")).Succeeded();
        await Testing.Tool.BashAsync("cmp app.tar again.tar", _run.Path);
        var said = await _run.FailAsync(3, "pull", $"{Registry.Host}/team/app:1.2", "--sha256", new string('0', 64), "-o", "other.tar");
        foreach (var form in new[] { hash, integrity, new string('0', 64), "sha256-AAAA" }) Assert.Contains(form, said, StringComparison.Ordinal);
        Assert.Contains("hexadecimal", await _run.FailAsync(2, "pull", "debian", "--sha256", "abc", "-o", "other.tar"), StringComparison.Ordinal);
        Assert.Contains("layout", await _run.FailAsync(2, "pull", "debian", "--sha256", hash, "-o", "oci:other"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_pull_fetches_no_blobs_and_a_pull_by_digest_sends_no_requests()
    {
        var image = new FixtureImage(isOci: true);
        await image.PutAsync(Registry.Host, "cached", "1");
        var byTag = new[] { "pull", $"{Registry.Host}/cached:1", "-o", "image.tar" };
        (await _run.RunAsync(byTag)).Succeeded();
        var again = await Registry.RequestsOfAsync(() => _run.RunAsync(byTag));
        Assert.DoesNotContain(again, request =>
            request.Contains("/blobs/", StringComparison.Ordinal) || request.StartsWith("GET /v2/cached/manifests", StringComparison.Ordinal));
        Assert.Empty(await Registry.RequestsOfAsync(async () =>
            (await _run.RunAsync("pull", $"{Registry.Host}/cached@{image.Digest}", "--final-image-tag", "1", "-o", "second.tar")).Succeeded()));
        await Testing.Tool.BashAsync("cmp image.tar second.tar", _run.Path);

        // The cache has the manifest, the config and two layers. Modified or truncated blobs are not used and are fetched again.
        var kinds = (await _run.JsonAsync("cache", "ls"))["entries"]!.AsArray().Select(entry => entry!["kind"]!.GetValue<string>()).ToArray();
        Assert.Equal(["blob", "blob", "blob", "blob"], kinds);
        await Testing.Tool.BashAsync(
            "for blob in blobs/*/blob; do printf X | dd of=$blob bs=1 seek=9 conv=notrunc status=none; done; truncate -s 20 \"$blob\"", _run.Cache);
        var mended = await Registry.RequestsOfAsync(async () =>
            (await _run.RunAsync("pull", $"{Registry.Host}/cached@{image.Digest}", "--final-image-tag", "1", "-o", "third.tar")).Succeeded());
        Assert.Equal(3, mended.Count(request => request.StartsWith("GET /v2/cached/blobs/", StringComparison.Ordinal)));
        await Testing.Tool.BashAsync("cmp image.tar third.tar", _run.Path);
        await _run.JsonAsync("cache", "prune", "--all");
        Assert.Empty((await _run.JsonAsync("cache", "ls"))["entries"]!.AsArray());
    }

    [Fact]
    public async Task Four_concurrent_pulls_of_an_image_fetch_it_once()
    {
        var image = new FixtureImage(isOci: true, "arm64");
        await image.PutAsync(Registry.Host, "concurrent", "1");
        var requests = await Registry.RequestsOfAsync(() => Task.WhenAll(Enumerable.Range(0, 4).Select(async number =>
            (await _run.RunAsync("pull", $"{Registry.Host}/concurrent@{image.Digest}", "-o", $"{number}.tar")).Succeeded())));
        foreach (var blob in image.Blobs)
        {
            var path = $"/v2/concurrent/blobs/{FakeRegistry.DigestOf(blob)}";
            Assert.Single(requests, request => request.StartsWith($"GET {path}", StringComparison.Ordinal));
        }

        await Testing.Tool.BashAsync("for other in 1 2 3; do cmp 0.tar $other.tar; done", _run.Path);
    }

    [Fact]
    public async Task The_image_for_the_platform_is_pulled_from_an_index()
    {
        var (amd64, arm64) = (new FixtureImage(isOci: true), new FixtureImage(isOci: true, "arm64"));
        await amd64.PutAsync(Registry.Host, "platforms", null);
        await arm64.PutAsync(Registry.Host, "platforms", null);
        var index = await FixtureImage.PutIndexAsync(Registry.Host, "platforms", "1", isOci: true, (amd64, "amd64"), (arm64, "arm64"));
        var name = $"{Registry.Host}/platforms:1";
        foreach (var (platform, image) in new[] { ("linux/amd64", amd64), ("linux/arm64/v8", arm64), ("aarch64", arm64) })
        {
            var pulled = await _run.JsonAsync("pull", name, "--platform", platform, "-o", "image.tar");
            Assert.Equal(image.Digest, pulled["manifestDigest"]!.GetValue<string>());
            Assert.Equal(index, pulled["imageDigest"]!.GetValue<string>());
        }

        var said = await _run.FailAsync(3, "pull", name, "--platform", "linux/s390x", "-o", "other.tar");
        Assert.Contains("linux/amd64, linux/arm64", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_output_can_be_a_layout_and_skopeo_reads_all_outputs()
    {
        var image = new FixtureImage(isOci: true);
        await image.PutAsync(Registry.Host, "layout", "1");
        (await _run.RunAsync("pull", $"{Registry.Host}/layout:1", "-o", "oci:layout:name")).Succeeded();
        (await _run.RunAsync("pull", $"{Registry.Host}/layout:1", "-o", "image.tar.gz")).Succeeded();
        (await _run.RunAsync(
            "pull", $"{Registry.Host}/layout:1", "--final-image-name", "renamed", "--final-image-tag", "7", "-o", "docker-archive:again.tar"))
            .Succeeded();
        Assert.Equal(
            image.Digest,
            (await Testing.Tool.BashAsync("skopeo inspect --raw oci:layout:name | sha256sum | sed 's/^/sha256:/;s/ .*//'", _run.Path)).Trim());
        Assert.Contains(
            "renamed:7",
            await Testing.Tool.BashAsync(
                "skopeo inspect docker-archive:again.tar:renamed:7 >/dev/null; tar xOf again.tar manifest.json", _run.Path),
            StringComparison.Ordinal);
        foreach (var archive in new[] { "image.tar.gz", "again.tar", "oci:layout" }) (await _run.RunAsync("validate", archive)).Succeeded();
    }

    [Fact]
    public async Task More_layers_than_can_be_stacked_are_refused_before_any_is_fetched()
    {
        var layer = FixtureImage.Layer("file", "of a thousand layers\n");
        var image = new FixtureImage(isOci: true, layers: [.. Enumerable.Repeat(layer, 1000)]);
        await image.PutAsync(Registry.Host, "thousand", "1");
        var requests = await Registry.RequestsOfAsync(async () =>
            Assert.Contains(
                "1000 layers", await _run.FailAsync(3, "pull", $"{Registry.Host}/thousand:1", "-o", "image.tar"), StringComparison.Ordinal));
        Assert.DoesNotContain(requests, request => request.Contains(FakeRegistry.DigestOf(layer.Blob), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_blob_of_more_than_two_gibibytes_is_pulled_completely()
    {
        const long Length = (2L << 30) + 1024;
        using var registry = new FakeRegistry();
        var zeros = new byte[1 << 20];
        using var hash = System.Security.Cryptography.IncrementalHash.CreateHash(System.Security.Cryptography.HashAlgorithmName.SHA256);
        for (var rest = Length; rest > 0; rest -= zeros.Length) hash.AppendData(zeros.AsSpan(0, (int)Math.Min(rest, zeros.Length)));
        var digest = $"sha256:{Convert.ToHexStringLower(hash.GetHashAndReset())}";
        registry.On($"/v2/image/blobs/{digest}", async exchange =>
        {
            await exchange.AnswerAsync(200, [], $"Content-Length: {Length}");
            for (var rest = Length; rest > 0; rest -= zeros.Length) await exchange.WriteAsync(zeros.AsMemory(0, (int)Math.Min(rest, zeros.Length)));
        });
        var image = new FixtureImage(isOci: true, layers: [([], digest)]);
        registry.OfferBlob(image.Config);
        var manifest = image.Manifest.Replace("tar+gzip\",\"size\":0", $"tar\",\"size\":{Length}", StringComparison.Ordinal)
            .Replace(FakeRegistry.DigestOf([]), digest, StringComparison.Ordinal);
        registry.OfferManifest(manifest, image.MediaType);
        var pulled = await _run.JsonAsync("pull", $"{registry.Host}/image:1", "-o", "/dev/null");
        Assert.InRange(pulled["size"]!.GetValue<long>(), Length, Length + 20_000);
    }

    [Fact]
    public async Task An_interrupt_ends_the_pull_and_leaves_no_files()
    {
        using var registry = new FakeRegistry();
        var image = new FixtureImage(isOci: true);
        image.OfferBy(registry);
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        registry.On($"/v2/image/blobs/{FakeRegistry.DigestOf(image.Blobs[0])}", exchange =>
        {
            asked.TrySetResult();
            return exchange.WaitForEndAsync();
        });
        Directory.CreateDirectory(_run.Path);
        var environment = new Dictionary<string, string?>(_run.Environment) { ["OVERLAYIMG_CACHE_DIR"] = _run.Cache };
        await using var pull = RunningTool.Start(
            tool.Command, ["pull", $"{registry.Host}/image:1", "-o", _run["image.tar"]], environment: environment);
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await pull.SignalAsync("INT");
        var result = await pull.Ended;
        Assert.True(result.ExitCode == 130, result.StandardError);
        Assert.Empty(_run.Outputs);
        // The cache has no part of the blob, neither as an entry nor as another file.
        var left = Directory.EnumerateFileSystemEntries(Path.Combine(_run.Cache, "blobs")).Select(path => Path.GetFileName(path))
            .Where(name => !name.EndsWith(".lock", StringComparison.Ordinal));
        Assert.DoesNotContain(left, name =>
            !EntryName.IsMatch(name) || name.StartsWith(FakeRegistry.DigestOf(image.Blobs[0])["sha256:".Length..], StringComparison.Ordinal));
    }

    [GeneratedRegex("^[0-9a-f]{64}-1$")]
    private static partial Regex EntryName { get; }
}
