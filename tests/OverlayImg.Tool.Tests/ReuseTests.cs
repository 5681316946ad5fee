using System.Text.Json;
using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests;

/// <summary>Tests of <c>--reuse</c>, which takes the result of an earlier run with the same inputs from the cache.</summary>
public sealed class ReuseTests : IDisposable
{
    private readonly InstalledTool _tool;
    private readonly TemporaryDirectory _directory = new();

    // With a broken QEMU no guest can run, so a result can only come from the cache.
    private readonly Dictionary<string, string?> _brokenQemu;

    public ReuseTests(InstalledTool tool)
    {
        _tool = tool;
        var programs = Directory.CreateDirectory(_directory["programs"]).FullName;
        File.CreateSymbolicLink(Path.Combine(programs, "qemu-system-x86_64"), "/bin/false");
        _brokenQemu = new() { ["PATH"] = $"{programs}:{Environment.GetEnvironmentVariable("PATH")}" };
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_same_inputs_run_once_and_give_the_same_files()
    {
        await Testing.Tool.BashAsync(
            "mkdir contents store; echo content > contents/file; echo tool > store/tool; echo 'cp /nix/store/tool /copied; rm /etc/motd; " +
            "echo $A > /a' > script", _directory.Path);
        await _tool.SeedCacheAsync(_directory["cache"]);
        var first = await RunAsync("first");
        Assert.Equal("False", Field(first, "reused"));

        // Four concurrent runs; one has the base image in another compression, one has the contents in another directory.
        await Testing.Tool.BashAsync(
            $"cp -r contents moved; gzip -1 < '{InstalledTool.DebianBase}' > base.tar.gz; touch -r contents moved; touch -r contents/file moved/file",
            _directory.Path);
        var later = await Task.WhenAll(
            RunAsync("second", _brokenQemu), RunAsync("third", _brokenQemu), RunAsync("fourth", _brokenQemu, contents: "moved"),
            RunAsync("fifth", _brokenQemu, baseImage: _directory["base.tar.gz"]));
        Assert.All(later, run => Assert.Equal("True none", $"{Field(run, "reused")} {Field(run, "start")}"));
        Assert.All(later, run => Assert.Equal(Field(first, "diffId"), Field(run, "diffId")));
        Assert.All(later, run => Assert.Equal(Field(first, "entries") + Field(first, "whiteouts"), Field(run, "entries") + Field(run, "whiteouts")));
        await Testing.Tool.BashAsync("for run in second third fourth fifth; do diff -r first $run; done", _directory.Path);

        // A build of an image with the same layer reuses the result, too.
        var image = await RunAsync("image.tar", _brokenQemu, ["build", "--name", "app", "--tag", "1"]);
        Assert.Equal(Field(first, "diffId"), Json(image).GetProperty("layers")[2].GetProperty("diffId").GetString());
        await Testing.Tool.BashAsync(
            "tar -xOf image.tar blobs/sha256/$(sha256sum < first/layer.tar | head -c 64) | cmp - first/layer.tar", _directory.Path);

        // With other inputs, or with a network, the tool tries to run a guest.
        Assert.Equal(4, (await StartAsync("other", _brokenQemu, ["root-layer", "--env", "A=2"])).ExitCode);
        Assert.Equal(4, (await StartAsync("other", _brokenQemu, ["root-layer", "--cpus", "2"])).ExitCode);
        var network = await StartAsync("other", _brokenQemu, ["root-layer", "--network"]);
        Assert.Equal(4, network.ExitCode);
        Assert.Contains("--network", network.StandardError, StringComparison.Ordinal);
        await File.WriteAllTextAsync(_directory["contents/file"], "changed", TestContext.Current.CancellationToken);
        Assert.Equal(4, (await StartAsync("other", _brokenQemu, ["root-layer"])).ExitCode);
        Assert.False(Directory.Exists(_directory["other"]));

        // A modified result in the cache is not used.
        await Testing.Tool.BashAsync("printf x | dd of=$(ls -d cache/results/*/layer.tar) bs=1 seek=600 conv=notrunc status=none", _directory.Path);
        var altered = await StartAsync("altered", _brokenQemu, ["root-layer"], contents: "moved");
        Assert.Equal(4, altered.ExitCode);
        Assert.Contains("was altered", altered.StandardError, StringComparison.Ordinal);
        Assert.DoesNotContain("result", await ListAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_output_files_of_hooks_are_reused_and_a_failed_script_leaves_no_result()
    {
        await File.WriteAllTextAsync(_directory["script"], "cp mnt/etc/motd out/; rm mnt/etc/motd", TestContext.Current.CancellationToken);
        string[] hooks =
            ["run", "--from", InstalledTool.DebianBase, "--post-mount", _directory["script"], "--reuse", "--cache-dir", _directory["cache"],
                "--accel", "tcg"];
        await _tool.SeedCacheAsync(_directory["cache"]);
        Assert.Equal(0, (await _tool.RunAsync([.. hooks, "--out", _directory["1.tar"], "-o", _directory["1"]])).ExitCode);
        var second = await _tool.RunAsync([.. hooks, "--out", _directory["2.tar"], "-o", _directory["2"]], environment: _brokenQemu);
        Assert.True(second.ExitCode == 0, second.StandardError);
        Assert.Contains("reused", second.StandardError, StringComparison.Ordinal);
        await Testing.Tool.BashAsync("diff -r 1 2; cmp 1.tar 2.tar", _directory.Path);
        Assert.Contains("result ", await ListAsync(), StringComparison.Ordinal);
        Assert.Equal(0, (await _tool.RunAsync(["cache", "prune", "--all", "--cache-dir", _directory["cache"]])).ExitCode);

        await _tool.SeedCacheAsync(_directory["cache"]);
        await File.WriteAllTextAsync(_directory["script"], "exit 7", TestContext.Current.CancellationToken);
        Assert.Equal(5, (await _tool.RunAsync([.. hooks, "-o", _directory["3"]])).ExitCode);
        Assert.DoesNotContain("result ", await ListAsync(), StringComparison.Ordinal);
        var check = await _tool.RunAsync([.. hooks, "--check", "-o", _directory["4"]]);
        Assert.Equal(2, check.ExitCode);
    }

    private async Task<ToolResult> RunAsync(
        string output, Dictionary<string, string?>? environment = null, string[]? verb = null, string contents = "contents", string? baseImage = null)
    {
        var run = await StartAsync(output, environment, verb ?? ["root-layer"], contents, baseImage);
        Assert.True(run.ExitCode == 0, run.StandardError);
        return run;
    }

    private Task<ToolResult> StartAsync(
        string output, Dictionary<string, string?>? environment, string[] verb, string contents = "contents", string? baseImage = null) =>
        _tool.RunAsync(
            [.. verb, "--from", baseImage ?? InstalledTool.DebianBase, "--contents", _directory[contents], "--run-as-root", _directory["script"],
                "--env", "A=1", "--mount", $"{_directory["store"]}:/nix/store", "--accel", "tcg", "--reuse", "--json",
                "--cache-dir", _directory["cache"], "-o", _directory[output]],
            environment: environment);

    private async Task<string> ListAsync() => (await _tool.RunAsync(["cache", "ls", "--cache-dir", _directory["cache"]])).StandardOutput;

    private static string Field(ToolResult run, string name) => Json(run).GetProperty(name).ToString();

    private static JsonElement Json(ToolResult run) => JsonDocument.Parse(run.StandardOutputBytes).RootElement;
}
