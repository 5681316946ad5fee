using System.Text.Json.Nodes;
using OverlayImg.Tool.Tests.Judges;

namespace OverlayImg.Tool.Tests.Registries;

/// <summary>Tests of the annotations in manifests: those of the user and those that name the base image. skopeo reads the manifests.</summary>
public sealed class AnnotationTests(InstalledTool tool, PlainRegistry fixture) : IClassFixture<PlainRegistry>, IDisposable
{
    private const string BaseName = "org.opencontainers.image.base.name";
    private const string BaseDigest = "org.opencontainers.image.base.digest";

    private readonly RegistryRun _run = new(tool);

    private TestRegistry Registry => fixture.Registry;

    public void Dispose() => _run.Dispose();

    [Theory]
    [InlineData("build")]
    [InlineData("build-layered")]
    public async Task A_manifest_has_the_given_annotations_and_names_the_base_image(string verb)
    {
        await MakeContentsAsync();
        (await _run.RunAsync("build", "--contents", "contents", "--name", "team/base", "--tag", "2", "-o", "base.tar")).Succeeded();
        (await _run.RunAsync("push", "base.tar", $"{Registry.Host}/{verb}/base:2")).Succeeded();
        var pushed = await DigestAsync($"docker://{Registry.Host}/{verb}/base:2");
        var inFile = await DigestAsync($"oci-archive:{_run["base.tar"]}:2");
        var inRegistry = $"{Registry.Host}/{verb}/base";
        (string From, string? Name, string? Digest)[] bases =
        [
            ("base.tar", "docker.io/team/base:2", inFile),
            ($"docker://{inRegistry}:2", $"{inRegistry}:2", pushed),
            ($"docker://{inRegistry}@{pushed}", $"{inRegistry}@{pushed}", pushed),
            ("scratch", null, null),
        ];
        foreach (var (from, name, digest) in bases)
        {
            string[] build =
                [verb, "--from", from, "--contents", "contents", "--annotation", "org.example.note=a = b", "--annotation", "org.example.empty="];
            (await _run.RunAsync([.. build, "--name", "app", "--tag", "1", "-o", "app.tar"])).Succeeded();
            var annotations = await AnnotationsAsync($"oci-archive:{_run["app.tar"]}:1");
            Assert.Equal(("a = b", "", name, digest), (
                (string?)annotations["org.example.note"], (string?)annotations["org.example.empty"], (string?)annotations[BaseName],
                (string?)annotations[BaseDigest]));
            Assert.Equal(name is null ? 2 : 4, annotations.Count);
            Assert.True(JsonNode.DeepEquals(annotations, (await _run.JsonAsync("inspect", "app.tar"))["images"]![0]!["annotations"]));
            (await _run.RunAsync([.. build, "-o", $"docker://{Registry.Host}/{verb}/app:1"])).Succeeded();
            Assert.True(JsonNode.DeepEquals(annotations, await AnnotationsAsync($"docker://{Registry.Host}/{verb}/app:1")));
        }
    }

    // docker save of a daemon without containerd writes no manifest, and the tar of a root file system has none.
    [Fact]
    public async Task A_base_image_without_a_manifest_gives_only_its_name()
    {
        await MakeContentsAsync();
        await BusyboxImage.WriteAsync(_run["busybox.tar"]);
        (await _run.RunAsync("build", "--from", "busybox.tar", "--contents", "contents", "--name", "app", "--tag", "1", "-o", "app.tar")).Succeeded();
        var annotations = await AnnotationsAsync($"oci-archive:{_run["app.tar"]}:1");
        Assert.Null(annotations[BaseDigest]);
        Assert.StartsWith("docker.io/library/", (string?)annotations[BaseName], StringComparison.Ordinal);
        (await _run.RunAsync("export", "app.tar", "-o", "root.tar")).Succeeded();
        (await _run.RunAsync("build", "--from", "rootfs:root.tar", "--contents", "contents", "--name", "app", "--tag", "1", "-o", "app.tar"))
            .Succeeded();
        Assert.Empty(await AnnotationsAsync($"oci-archive:{_run["app.tar"]}:1"));
    }

    [Fact]
    public async Task An_option_wins_over_a_spec_and_over_the_base()
    {
        await MakeContentsAsync();
        await BusyboxImage.WriteAsync(_run["busybox.tar"]);
        await File.WriteAllTextAsync(
            _run["spec.json"], """{"name":"app","tag":"1","fromImage":"busybox.tar","annotations":{"a":"spec","b":"spec"}}""");
        (await _run.RunAsync("build", "--spec", "spec.json", "--annotation", "b=option", "--annotation", $"{BaseName}=other", "-o", "app.tar"))
            .Succeeded();
        var annotations = await AnnotationsAsync($"oci-archive:{_run["app.tar"]}:1");
        Assert.Equal(("spec", "option", "other"), ((string?)annotations["a"], (string?)annotations["b"], (string?)annotations[BaseName]));
        foreach (var verb in new[] { "build", "build-layered" })
        {
            var refusal = await _run.FailAsync(
                2, verb, "--contents", "contents", "--name", "a", "--annotation", "a=b", "--format", "dockertools", "-o", "refused.tar");
            Assert.Contains("annotation", refusal, StringComparison.Ordinal);
            await _run.FailAsync(2, verb, "--contents", "contents", "--name", "a", "--annotation", "nothing", "-o", "refused.tar");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_copy_gets_the_annotations_at_every_destination(bool isOci)
    {
        var (image, name) = (new FixtureImage(isOci), isOci ? "copied/oci" : "copied/docker");
        await image.PutAsync(Registry.Host, name, "1");
        foreach (var destination in new[] { $"docker://{Registry.Host}/{name}-again:1", "oci:layout:1", "oci-archive:copy.tar:1" })
        {
            (await _run.RunAsync(
                "copy", $"docker://{Registry.Host}/{name}:1", destination, "--annotation", "org.example.note=a=b", "--digestfile", "digest"))
                .Succeeded();
            var place = destination.Replace("layout", _run["layout"], StringComparison.Ordinal)
                .Replace("copy.tar", _run["copy.tar"], StringComparison.Ordinal);
            Assert.Equal("a=b", (string?)(await AnnotationsAsync(place))["org.example.note"]);
            Assert.Equal(await File.ReadAllTextAsync(_run["digest"]), await DigestAsync(place));
        }

        var refusal = await _run.FailAsync(2, "push", "oci:layout:1", $"{Registry.Host}/{name}-refused:1", "--annotation", "a=b", "--docker");
        Assert.Contains("annotation", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_index_that_is_copied_with_all_images_gets_the_annotations()
    {
        var (amd64, arm64) = (new FixtureImage(true), new FixtureImage(true, "arm64"));
        await amd64.PutAsync(Registry.Host, "index", null);
        await arm64.PutAsync(Registry.Host, "index", null);
        await FixtureImage.PutIndexAsync(Registry.Host, "index", "1", true, (amd64, "amd64"), (arm64, "arm64"));
        var source = $"docker://{Registry.Host}/index:1";
        (await _run.RunAsync("copy", "--all", source, $"docker://{Registry.Host}/index-again:1", "--annotation", "org.example.note=x")).Succeeded();
        var (before, after) = (await ManifestAsync(source), await ManifestAsync($"docker://{Registry.Host}/index-again:1"));
        Assert.Equal("x", (string?)after["annotations"]!["org.example.note"]);
        Assert.True(JsonNode.DeepEquals(before["manifests"], after["manifests"]));
    }

    [Fact]
    public async Task A_merge_warns_that_it_keeps_one_of_two_manifests_of_a_config()
    {
        await MakeContentsAsync();
        foreach (var name in new[] { "one", "two" })
            (await _run.RunAsync("build", "--contents", "contents", "--annotation", $"a={name}", "--name", name, "--tag", "1", "-o", $"{name}.tar"))
                .Succeeded();
        var merged = (await _run.RunAsync("merge-images", "one.tar", "two.tar", "-o", "merged.tar")).Succeeded();
        Assert.Contains("two.tar: the image two:1 differs from one:1 in the annotations", merged.StandardError, StringComparison.Ordinal);
        Assert.Equal("one", (string?)(await AnnotationsAsync($"oci-archive:{_run["merged.tar"]}:docker.io/library/two:1"))["a"]);
    }

    private async Task MakeContentsAsync()
    {
        Directory.CreateDirectory(_run["contents/etc"]);
        await File.WriteAllTextAsync(_run["contents/etc/file"], "file\n");
    }

    private async Task<JsonObject> AnnotationsAsync(string image) => (await ManifestAsync(image))["annotations"]?.AsObject() ?? [];

    private async Task<JsonNode> ManifestAsync(string image) =>
        JsonNode.Parse(await Testing.Tool.BashAsync($"skopeo inspect --raw --tls-verify=false {image}", _run.Path))!;

    private async Task<string> DigestAsync(string image) =>
        "sha256:" + (await Testing.Tool.BashAsync($"skopeo inspect --raw --tls-verify=false {image} | sha256sum", _run.Path))[..64];
}
