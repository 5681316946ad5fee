using OverlayImg.Tool.Tests.Judges;

namespace OverlayImg.Tool.Tests.Registries;

/// <summary>Tests of the verbs that make images with a registry as the output.</summary>
public sealed class BuildToRegistryTests(InstalledTool tool, PlainRegistry fixture) : IClassFixture<PlainRegistry>, IDisposable
{
    private readonly RegistryRun _run = new(tool);

    private TestRegistry Registry => fixture.Registry;

    public void Dispose() => _run.Dispose();

    [Theory]
    [InlineData("build")]
    [InlineData("build-layered")]
    public async Task The_pushed_image_equals_the_image_in_a_layout(string verb)
    {
        await MakeContentsAsync();
        await BusyboxImage.WriteAsync(_run["busybox.tar"]);
        foreach (var from in new string[][] { [], ["--from", "busybox.tar"] })
        {
            string[] build = [verb, .. from, "--contents", "contents", "--cmd", "[\"/file\"]"];
            var name = $"{verb}/{from.Length}/app";
            var sent = await _run.JsonAsync([.. build, "-o", $"docker://{Registry.Host}/{name}:1"]);
            var written = await _run.JsonAsync(
                [.. build, "--name", "app", "--tag", "1", "--compression", "gzip", "-o", $"oci:{verb}{from.Length}:1"]);
            Assert.Equal((string?)written["digest"], (string?)sent["digest"]);
            Assert.Equal((string?)written["imageId"], (string?)sent["imageId"]);
            Assert.Equal((string?)sent["digest"], await DigestAsync($"{name}:1"));
            Assert.Equal($"docker://{Registry.Host}/{name}:1", (string?)sent["output"]);
        }

        (await Testing.Tool.RunAsync(
            "skopeo",
            ["copy", "-q", "--insecure-policy", "--src-tls-verify=false", $"docker://{Registry.Host}/{verb}/2/app:1", $"oci:{_run["copy"]}:1"]))
            .Succeeded();
    }

    [Theory]
    [InlineData("none", "tar")]
    [InlineData("gzip", "tar+gzip")]
    [InlineData("zstd", "tar+zstd")]
    public async Task The_registry_gets_layers_in_the_given_compression(string compression, string mediaType)
    {
        await MakeContentsAsync();
        foreach (var verb in new[] { "build", "build-layered" })
        {
            (await _run.RunAsync(
                verb, "--contents", "contents", "--compression", compression, "-o", $"docker://{Registry.Host}/{verb}/{compression}:1")).Succeeded();
            var manifest = await Testing.Tool.BashAsync(
                $"skopeo inspect --raw --tls-verify=false docker://{Registry.Host}/{verb}/{compression}:1 | jq -r '.layers[].mediaType'");
            Assert.All(manifest.TrimEnd('\n').Split('\n'), type => Assert.Equal($"application/vnd.oci.image.layer.v1.{mediaType}", type));
        }
    }

    [Fact]
    public async Task Blobs_that_the_registry_has_are_not_sent_again()
    {
        await MakeContentsAsync();
        string[] build = ["build", "--contents", "contents", "-o", $"docker://{Registry.Host}/again:1"];
        (await _run.RunAsync(build)).Succeeded();
        var requests = await Registry.RequestsOfAsync(async () => (await _run.RunAsync(build)).Succeeded());
        Assert.DoesNotContain(requests, request => request.StartsWith("POST ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Merging_to_a_registry_takes_one_image()
    {
        await BusyboxImage.WriteAsync(_run["busybox.tar"]);
        (await _run.RunAsync("merge-images", "busybox.tar", "-o", $"docker://{Registry.Host}/merged:1")).Succeeded();
        (await _run.RunAsync("push", "busybox.tar", $"{Registry.Host}/pushed:1")).Succeeded();
        Assert.Equal(await DigestAsync("pushed:1"), await DigestAsync("merged:1"));
        Assert.Equal(
            await DigestAsync("merged:1"),
            (string?)(await _run.JsonAsync("merge-images", "busybox.tar", "-o", $"docker://{Registry.Host}/merged:2"))["digest"]);
        await MakeContentsAsync();
        (await _run.RunAsync("build", "--contents", "contents", "--name", "other", "-o", "other.tar")).Succeeded();
        var refusal = await _run.FailAsync(3, "merge-images", "busybox.tar", "other.tar", "-o", $"docker://{Registry.Host}/both:1");
        Assert.Contains("2 images", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--name", "app")]
    [InlineData("--tag", "2")]
    [InlineData("--format", "hybrid")]
    [InlineData("--format", "dockertools")]
    public async Task Options_that_contradict_the_output_are_wrong_usage(string option, string value)
    {
        await MakeContentsAsync();
        var refusal = await _run.FailAsync(2, "build", "--contents", "contents", option, value, "-o", $"docker://{Registry.Host}/refused:1");
        Assert.Contains(option, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_build_pushes_no_image()
    {
        await MakeContentsAsync();
        await File.WriteAllTextAsync(_run["fails.sh"], "exit 1\n");
        await _run.FailAsync(5, "build", "--contents", "contents", "--extra-commands", "fails.sh", "-o", $"docker://{Registry.Host}/failed:1");
        var there = await Testing.Tool.RunAsync("skopeo", ["inspect", "--raw", "--tls-verify=false", $"docker://{Registry.Host}/failed:1"]);
        Assert.NotEqual(0, there.ExitCode);
        var refusal = await _run.FailAsync(
            2, "build", "--contents", "contents", "-o", $"docker://{Registry.Host}/app@sha256:{new string('0', 64)}");
        Assert.Contains("by a tag", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unreachable_registry_is_reported_before_any_work()
    {
        await MakeContentsAsync();
        await File.WriteAllTextAsync(_run["works.sh"], "touch ../../worked\n");
        await _run.FailAsync(4, "build", "--contents", "contents", "--extra-commands", "works.sh", "-o", "docker://127.0.0.1:1/app:1");
        await _run.FailAsync(2, "build", "--contents", "contents", "-o", $"docker://{Registry.Host}/App:3");
        await _run.FailAsync(2, "layer", "--contents", "contents", "-o", $"docker://{Registry.Host}/app:3");
        await _run.FailAsync(2, "copy", "contents", "rootfs:out.tar");
        var run = await _run.RunAsync("build", "--contents", "contents", "-o", $"docker://{Registry.Host}/told:1");
        Assert.Contains($"digest: {await DigestAsync("told:1")}", run.Succeeded().StandardError, StringComparison.Ordinal);
    }

    private Task<string> MakeContentsAsync() =>
        Testing.Tool.BashAsync("mkdir -p contents; echo 1 > contents/file; chmod +x contents/file", _run.Path);

    private async Task<string> DigestAsync(string image)
    {
        var bytes = (await Testing.Tool.RunAsync("skopeo", ["inspect", "--raw", "--tls-verify=false", $"docker://{Registry.Host}/{image}"]))
            .Succeeded();
        return FakeRegistry.DigestOf(bytes.StandardOutputBytes);
    }
}
