using System.Text.Json.Nodes;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Settings;

namespace OverlayImg.Images.Tests;

public sealed class LayoutReadingTests : IDisposable
{
    private readonly LayoutBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_directory_and_a_tar_have_the_same_images()
    {
        var (one, two) = (_bench.Image("one"), _bench.Image("two"));
        _bench.Complete(LayoutBench.For(one, refName: "1"), LayoutBench.For(two, refName: "2"), LayoutBench.For(one, refName: "again"));
        foreach (var path in new[] { _bench.Layout, await _bench.PackAsync() })
        {
            using var source = await _bench.OpenAsync(path);
            Assert.Equal([":1, :again", ":2"], source.Images.Select(image => image.DisplayName));
            Assert.Equal(one["digest"]!.GetValue<string>(), source.Images[0].Manifest!.Digest.ToString());
            Assert.Equal("two", await _bench.ChooseAsync(tag: "2", path: path));
            source.Select(null, null, null, out var warning);
            Assert.Equal($"{path} holds 2 images; the first one is used: :1, :again.", warning);
        }
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    [InlineData("cat")]
    public async Task Layers_may_have_every_compression_of_the_specification(string compressor)
    {
        var tar = LayoutBench.Tar("packed");
        await File.WriteAllBytesAsync(_bench["t"], tar, TestContext.Current.CancellationToken);
        await Testing.Tool.BashAsync($"{compressor} < t > p", _bench[""]);
        var layer = _bench.Blob(LayoutBench.LayerType + (compressor == "cat" ? "" : "+" + compressor),
            await File.ReadAllBytesAsync(_bench["p"], TestContext.Current.CancellationToken));
        _bench.Complete(_bench.Image(layer, tar));
        Assert.Equal("packed", await _bench.ChooseAsync());
    }

    [Theory]
    [InlineData("v1", "v1")]
    [InlineData("localhost/team/app:v1", "full")]
    [InlineData("a@b+c", "odd")]
    [InlineData("localhost/team/app", "full")]
    public async Task An_image_is_found_by_its_exact_ref_name(string wanted, string expected)
    {
        _bench.Complete(
            LayoutBench.For(_bench.Image("v1"), refName: "v1"), LayoutBench.For(_bench.Image("odd"), refName: "a@b+c"),
            LayoutBench.For(_bench.Image("full"), refName: "localhost/team/app:v1"));
        Assert.Equal(expected, await _bench.ChooseAsync(tag: wanted));
    }

    [Theory]
    [InlineData("linux/amd64", "amd64")]
    [InlineData("amd64", "amd64")]
    [InlineData("linux/x86_64", "amd64")]
    [InlineData("linux/arm64", "arm64")]
    [InlineData("linux/arm64/v8", "arm64")]
    [InlineData("linux/arm", "arm7")]
    [InlineData("linux/arm/v8", "arm7")]
    [InlineData("linux/arm/v7", "arm7")]
    [InlineData("linux/arm/v6", "arm5")]
    [InlineData("linux/arm/v5", "arm5")]
    [InlineData("linux/s390x", "s390x")]
    public async Task The_best_image_for_a_platform_is_chosen(string wanted, string expected)
    {
        var attestation = LayoutBench.For(_bench.Image("attestation"), "unknown/unknown");
        attestation["annotations"] = new JsonObject { ["vnd.docker.reference.type"] = "attestation-manifest" };
        var nested = _bench.Index(
            Entry("arm64", "linux/arm64"), attestation, LayoutBench.For(_bench.Image("nobody"), "unknown/unknown"), Entry("s390x", "linux/s390x"));
        _bench.Complete(LayoutBench.For(_bench.Index(Entry("arm5", "linux/arm/v5"), Entry("arm7", "linux/arm/v7"), nested,
            Entry("amd64", "linux/amd64")), refName: "t"));
        Assert.Equal(expected, await _bench.ChooseAsync(platform: wanted));
        Assert.Equal(expected, await _bench.ChooseAsync(tag: "t", platform: wanted, path: await _bench.PackAsync()));
    }

    // docker, podman, skopeo and crane read such an index, too, if another entry has the requested platform.
    [Theory]
    [InlineData("{}")]
    [InlineData("{\"os\":\"linux\"}")]
    [InlineData("{\"os\":7,\"architecture\":[]}")]
    [InlineData("\"linux\"")]
    [InlineData("[]")]
    [InlineData("null")]
    public async Task An_invalid_platform_of_another_entry_is_ignored(string platform)
    {
        var odd = LayoutBench.For(_bench.Image("odd"));
        odd["platform"] = JsonNode.Parse(platform);
        _bench.Complete(LayoutBench.For(_bench.Index(odd, Entry("good", "linux/amd64")), refName: "t"));
        Assert.Equal("good", await _bench.ChooseAsync(tag: "t", platform: "linux/amd64"));
    }

    [Theory]
    [InlineData("digest", "\"sha512:00\"")]
    [InlineData("size", "-1")]
    [InlineData("annotations", "{\"a\":1}")]
    [InlineData("mediaType", "null")]
    [InlineData("urls", "\"x\"")]
    public async Task An_invalid_entry_does_not_affect_other_entries(string key, string value)
    {
        var odd = Entry("odd", "linux/arm64");
        odd[key] = JsonNode.Parse(value);
        _bench.Complete(LayoutBench.For(_bench.Index(odd, Entry("good", "linux/amd64")), refName: "t"));
        Assert.Equal("good", await _bench.ChooseAsync(tag: "t", platform: "linux/amd64"));
        var error = await Assert.ThrowsAsync<InputException>(() => _bench.ChooseAsync(tag: "t", platform: "linux/arm64"));
        Assert.Contains("An entry can't be read: manifests[0]", error.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_error_for_two_images_of_one_name_without_platforms_names_both()
    {
        var (one, two) = (_bench.Image("one"), _bench.Image("two"));
        _bench.Complete(LayoutBench.For(one, refName: "alone"), LayoutBench.For(two, refName: "t"), LayoutBench.For(one, refName: "t"));
        Assert.Equal("one", await _bench.ChooseAsync(tag: "alone"));
        var error = await Assert.ThrowsAsync<InputException>(() => _bench.ChooseAsync(tag: "t"));
        foreach (var image in new[] { one, two }) Assert.Contains(image["digest"]!.GetValue<string>(), error.Describe(), StringComparison.Ordinal);
        Assert.Contains("none of which names its platform", error.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Entries_of_another_name_are_not_platforms_of_an_image()
    {
        var (amd64, arm64) = (_bench.Image("amd64"), _bench.Image("arm64", "linux/arm64"));
        _bench.Complete(LayoutBench.For(amd64, "linux/amd64", "alone"), LayoutBench.For(amd64, "linux/amd64", "all"),
            LayoutBench.For(arm64, "linux/arm64", "all"));
        Assert.Equal("arm64", await _bench.ChooseAsync(tag: "all", platform: "linux/arm64"));
        Assert.Equal("amd64", await _bench.ChooseAsync(tag: "alone"));
    }

    [Fact]
    public async Task The_default_platform_is_the_hosts()
    {
        _bench.Complete(_bench.Index(Entry("other", "linux/mips64le"), Entry("own", Platform.Host.ToString())));
        Assert.Equal("own", await _bench.ChooseAsync());
    }

    [Fact]
    public async Task The_error_for_a_missing_platform_lists_the_platforms()
    {
        _bench.Complete(_bench.Index(Entry("a", "linux/ppc64le"), Entry("b", "linux/arm/v7"), LayoutBench.For(_bench.Image("x"), "unknown/unknown")));
        var refusal = await Assert.ThrowsAsync<InputException>(() => _bench.ChooseAsync(platform: "linux/s390x"));
        Assert.EndsWith(
            "holds no image for linux/s390x. It holds images for linux/ppc64le, linux/arm/v7. Choose another platform.", refusal.Describe(),
                StringComparison.Ordinal);
        Assert.Equal([ImageSetting.Platform], refusal.Advice!.Settings);
    }

    [Fact]
    public async Task A_single_image_of_any_platform_is_chosen_unless_the_user_names_a_platform()
    {
        _bench.Complete(_bench.Image("arm", "linux/arm64"));
        Assert.Equal("arm", await _bench.ChooseAsync());
        Assert.Equal("arm", await _bench.ChooseAsync(platform: "linux/arm64/v8"));
        Assert.Contains("is an image for linux/arm64, not for linux/amd64.", await _bench.RefusalAsync("linux/amd64"), StringComparison.Ordinal);
        _bench.Complete(_bench.Index(_bench.Image("arm", "linux/arm64")));
        Assert.Equal("arm", await _bench.ChooseAsync());
        _bench.Complete(_bench.Image("silent", null));
        Assert.Equal("silent", await _bench.ChooseAsync(platform: "linux/s390x"));
    }

    [Fact]
    public async Task Several_manifests_under_one_name_are_the_platforms_of_one_image()
    {
        _bench.Complete(Named("linux/amd64"), Named("linux/arm64"), LayoutBench.For(_bench.Image("other"), refName: "u"));
        Assert.Equal("linux/arm64", await _bench.ChooseAsync(tag: "t", platform: "linux/arm64"));
        Assert.Equal("linux/amd64", await _bench.ChooseAsync(tag: "t", platform: "linux/amd64"));
        Assert.Equal("other", await _bench.ChooseAsync(tag: "u"));
        _bench.Complete(Entry("a", "linux/s390x"), Entry("b", "linux/arm64"));
        Assert.Equal("b", await _bench.ChooseAsync(platform: "linux/arm64"));

        JsonObject Named(string platform) => LayoutBench.For(_bench.Image(platform, platform), platform, "t");
    }

    [Fact]
    public async Task Artifacts_and_broken_images_do_not_affect_other_images()
    {
        var artifact = _bench.Blob(LayoutBench.ManifestType, new JsonObject
        {
            ["schemaVersion"] = 2,
            ["config"] = _bench.Blob("application/vnd.cncf.helm.config.v1+json", new JsonObject()),
            ["layers"] = new JsonArray(),
        });
        var unknown = _bench.Blob("application/vnd.example+json", new JsonObject());
        var broken = _bench.Image("broken");
        var missing = LayoutBench.For(_bench.Image("missing"), "linux/riscv64");
        File.Delete(_bench.PathOf(missing));
        _bench.Complete(unknown, artifact, LayoutBench.For(_bench.Index(missing, Entry("good", "linux/amd64")), refName: "good"),
            LayoutBench.For(broken, refName: "broken"));
        Assert.Equal("good", await _bench.ChooseAsync(platform: "linux/amd64"));
        await File.WriteAllTextAsync(_bench.PathOf(broken), "x", TestContext.Current.CancellationToken);
        Assert.Equal("good", await _bench.ChooseAsync(tag: "good", platform: "linux/amd64"));
        _bench.Complete(artifact);
        Assert.Contains("this is an artifact, not an image", await _bench.RefusalAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Blobs_may_be_symbolic_links_to_files()
    {
        var image = _bench.Image("linked");
        File.Move(_bench.PathOf(image), _bench["elsewhere"]);
        File.CreateSymbolicLink(_bench.PathOf(image), _bench["elsewhere"]);
        _bench.Complete(image);
        Assert.Equal("linked", await _bench.ChooseAsync());
        Assert.Equal(0, Validation.Of(_bench.Layout).Errors);
    }

    private JsonObject Entry(string name, string platform) => LayoutBench.For(_bench.Image(name, platform), platform);
}
