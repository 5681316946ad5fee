using System.Text.Json;
using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests;

/// <summary>Tests of <c>--check</c>, which runs a script twice and compares the results.</summary>
public sealed class CheckTests(InstalledTool tool)
{
    [Fact]
    public async Task Differences_between_two_runs_are_listed_and_nothing_is_written()
    {
        using var directory = new TemporaryDirectory();
        var run = await tool.RootLayerAsync(directory["layer"],
            "echo same > /same; head -c 8 /dev/urandom > /random; mkdir /d; chmod $((600 + RANDOM % 2 * 40)) /d; " +
            "touch /in-$(cat /proc/sys/kernel/random/uuid)",
            "--check", "--json");
        Assert.Equal(5, run.ExitCode);
        using var json = JsonDocument.Parse(run.StandardOutputBytes);
        var paths = json.RootElement.GetProperty("error").GetProperty("paths").EnumerateArray().ToArray();
        var changes = paths.Select(path => (path.GetProperty("change").GetString(), Start(path.GetProperty("path").GetString()!))).ToArray();
        Assert.Contains(("changed", "/ra"), changes);
        Assert.Contains(("added", "/in"), changes);
        Assert.Contains(("removed", "/in"), changes);
        Assert.DoesNotContain(changes, change => change.Item2 == "/sa");
        var random = paths.Single(path => path.GetProperty("path").GetString() == "/random").GetProperty("differences").EnumerateArray();
        Assert.Equal(["content", "time"], random.Select(difference => difference.GetProperty("what").GetString()).Order());
        Assert.Contains($"The results of the two runs differ in {paths.Length} paths", run.StandardError, StringComparison.Ordinal);
        Assert.Contains("changed /random: ", run.StandardError, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
    }

    // The path "/d" is shorter than three characters; it differs only if the two guests draw different random modes.
    private static string Start(string path) => path.Length < 3 ? path : path[..3];

    [Fact]
    public async Task A_reproducible_script_gives_the_same_layer_as_without_check()
    {
        using var directory = new TemporaryDirectory();
        const string Script = "mkdir -p /a/b; echo text > /a/b/c; ln /a/b/c /a/d; rm /etc/motd; date > /dev/null";
        foreach (var (output, check) in new[] { ("once", Array.Empty<string>()), ("twice", ["--check"]) })
        {
            var run = await tool.RootLayerAsync(directory[output], Script, ["--from", InstalledTool.DebianBase, .. check]);
            Assert.True(run.ExitCode == 0, run.StandardError);
        }

        await Testing.Tool.BashAsync("diff -r once twice", directory.Path);
    }

    [Fact]
    public async Task A_failed_script_is_reported_as_without_check()
    {
        using var directory = new TemporaryDirectory();
        var run = await tool.RootLayerAsync(directory["layer"], "echo last words; exit 7", "--check");
        Assert.Equal(5, run.ExitCode);
        Assert.Contains("last words", run.StandardError, StringComparison.Ordinal);
        Assert.Contains("7", run.StandardError, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
    }

    [Fact]
    public async Task A_base_image_from_stdin_can_not_be_read_twice()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory["script"], "true", TestContext.Current.CancellationToken);
        var run = await tool.RunAsync(["root-layer", "--from", "-", "--run-as-root", directory["script"], "--check", "-o", directory["layer"]]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("save the base image to a file", run.StandardError, StringComparison.Ordinal);
    }
}
