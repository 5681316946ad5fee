using OverlayImg.Tool.Tests.Judges;

namespace OverlayImg.Tool.Tests.Registries;

/// <summary>Tests of images in registries as base images. They are fetched once.</summary>
public sealed class RegistryBaseTests(InstalledTool tool, PlainRegistry fixture) : IClassFixture<PlainRegistry>, IDisposable
{
    private readonly RegistryRun _run = new(tool);

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task Every_verb_reads_an_image_from_a_registry_and_fetches_it_once()
    {
        var image = await PushAsync("base");
        Directory.CreateDirectory(_run["contents"]);
        await File.WriteAllTextAsync(_run["contents/new"], "new\n");
        await File.WriteAllTextAsync(_run["spec.json"], $$"""{"name": "spec", "tag": "1", "fromImage": "{{image}}"}""");
        string[][] commands =
        [
            ["export", image, "-o", "rootfs.tar"],
            ["inspect", image],
            ["diff", image, "in.tar", "--exit-code"],
            ["build", "--from", image, "--contents", "contents", "--name", "app", "--tag", "1", "-o", "app.tar"],
            ["build", "--spec", "spec.json", "-o", "spec.tar"],
            ["build-layered", "--from", image, "--contents", "contents", "--name", "app", "--tag", "1", "-o", "layered.tar"],
            ["stream-layered", "--from", image, "--contents", "contents", "--name", "app", "--tag", "1"],
            ["merge-images", image, "-o", "merged.tar"],
        ];
        var requests = await fixture.Registry.RequestsOfAsync(async () =>
        {
            foreach (var command in commands)
            {
                var run = await _run.RunAsync(command);
                // diff ends with 7, because the names of the images differ.
                Assert.True(run.ExitCode == (command[0] == "diff" ? 7 : 0), $"{run.CommandLine}\n{run.ExitCode}\n{run.StandardError}");
            }
        });
        Assert.Equal(requests.Distinct(), requests);
        (await _run.RunAsync("build", "--from", "in.tar", "--contents", "contents", "--name", "app", "--tag", "1", "-o", "from-file.tar"))
            .Succeeded();
        var layers = "tar xOf {0} manifest.json | jq -r '.[0].Config' | xargs tar xOf {0} | jq -c .rootfs";
        Assert.Equal(
            await Testing.Tool.BashAsync(layers.Replace("{0}", "from-file.tar", StringComparison.Ordinal), _run.Path),
            await Testing.Tool.BashAsync(layers.Replace("{0}", "app.tar", StringComparison.Ordinal), _run.Path));
    }

    [Fact]
    public async Task A_script_runs_on_the_image_and_its_layer_is_reused_without_a_request()
    {
        var image = await PushAsync("guest");
        await File.WriteAllTextAsync(_run["script"], "/bin/busybox echo new > /new\n");
        (await _run.RunAsync("root-layer", "--from", image, "--run-as-root", "script", "--reuse", "-o", "first")).Succeeded();
        var requests = await fixture.Registry.RequestsOfAsync(async () =>
        {
            var again = (await _run.RunAsync("root-layer", "--from", image, "--run-as-root", "script", "--reuse", "-o", "second")).Succeeded();
            Assert.Contains("Nothing was run", again.StandardError, StringComparison.Ordinal);
        });
        Assert.Empty(requests);
        await Testing.Tool.BashAsync("diff -r first second", _run.Path);
    }

    [Fact]
    public async Task A_tag_gives_a_warning_with_the_digest_to_pin()
    {
        var image = await PushAsync("tagged");
        var run = (await _run.RunAsync("export", $"docker://{fixture.Registry.Host}/tagged:1", "-o", "rootfs.tar")).Succeeded();
        Assert.Contains($"warning: {fixture.Registry.Host}/tagged:1 is {image["docker://".Length..]}", run.StandardError, StringComparison.Ordinal);
        Assert.Contains(
            "there is no", await _run.FailAsync(3, "export", $"docker://{fixture.Registry.Host}/missing:1", "-o", "rootfs2.tar"),
            StringComparison.Ordinal);
    }

    // Pushes an image and returns its reference with the digest.
    private async Task<string> PushAsync(string name)
    {
        await BusyboxImage.WriteAsync(_run["in.tar"]);
        var pushed = await _run.JsonAsync("push", "in.tar", $"{fixture.Registry.Host}/{name}:1");
        return $"docker://{fixture.Registry.Host}/{name}@{pushed["digest"]!.GetValue<string>()}";
    }
}
