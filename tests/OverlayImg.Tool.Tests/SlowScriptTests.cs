using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests;

/// <summary>Tests of the advice after scripts that ran slowly without KVM.</summary>
public sealed class SlowScriptTests(InstalledTool tool)
{
    private const string Slow = "sleep 5.5";
    private const string Beginning = "The scripts took ";

    [Fact]
    public async Task A_slow_script_gives_advice_once_a_day()
    {
        using var directory = new TemporaryDirectory();
        await tool.SeedCacheAsync(directory["cache"]);
        // Neither run prints the advice, and neither counts as the one advice a day. The scripts sleep, so the runs are concurrent.
        var (firstRun, secondRun) = (RunAsync(directory, "--json"), RunAsync(directory, "-q"));
        var (json, quiet) = (await firstRun, await secondRun);
        Assert.DoesNotContain(Beginning, json.StandardOutput + json.StandardError, StringComparison.Ordinal);
        Assert.DoesNotContain(Beginning, quiet.StandardOutput + quiet.StandardError, StringComparison.Ordinal);

        var line = Assert.Single(LinesOf(await RunAsync(directory)));
        Assert.Contains(File.Exists("/dev/kvm") ? "--accel auto" : "This machine has no /dev/kvm", line, StringComparison.Ordinal);
        Assert.DoesNotContain("--cache-mount", line, StringComparison.Ordinal);
        Assert.Empty(LinesOf(await RunAsync(directory)));

        // Advice for another cause is printed independently.
        line = Assert.Single(LinesOf(await RunAsync(directory, "--network")));
        Assert.EndsWith("emulator. --cache-mount NAME:DST keeps downloaded packages for the next run.", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_quick_script_gives_no_advice()
    {
        using var directory = new TemporaryDirectory();
        await tool.SeedCacheAsync(directory["cache"]);
        var run = await tool.RootLayerAsync(directory["layer"], "true", "--accel", "tcg", "--cache-dir", directory["cache"]);
        Assert.True(run.ExitCode == 0, run.StandardError);
        Assert.Empty(LinesOf(run));
    }

    private async Task<ToolResult> RunAsync(TemporaryDirectory directory, params string[] arguments)
    {
        var layer = directory[$"layer{arguments.FirstOrDefault()}"];
        var run = await tool.RootLayerAsync(layer, Slow, ["--accel", "tcg", "--cache-dir", directory["cache"], .. arguments]);
        Assert.True(run.ExitCode == 0, run.StandardError);
        return run;
    }

    private static IEnumerable<string> LinesOf(ToolResult run) =>
        run.StandardError.Split('\n').Where(line => line.Contains(Beginning, StringComparison.Ordinal));
}
