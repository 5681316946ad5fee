using System.Text.Json;
using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests;

/// <summary>What later runs can use.</summary>
public sealed class CacheTests(InstalledTool tool) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string Cache => _directory["cache"];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Later_runs_start_from_what_the_first_one_left_and_make_the_same_layer()
    {
        await RunAsync("first");
        var (entries, size) = await ListAsync();
        Assert.Equal(["disk", "disk", "snapshot"], entries.Select(entry => entry.Kind).Order());
        Assert.Equal(long.Parse(await Testing.Tool.BashAsync(
            $"find '{Cache}/parents' '{Cache}/snapshots' -type f -printf '%b\n' | awk '{{ blocks += $1 }} END {{ print 512 * blocks }}'")), size);
        var disks = entries.Where(entry => entry.Kind == "disk").Select(entry => (entry.Path, File.GetCreationTimeUtc(entry.Path + "/disk.ext4"))).ToArray();

        Assert.Contains("\"start\": \"warm\"", (await RunAsync("second", "--json")).StandardOutput, StringComparison.Ordinal);
        var third = await RunAsync("third", "--no-warm-start", "--json");
        Assert.Contains("\"start\": \"cold\"", third.StandardOutput, StringComparison.Ordinal);
        Assert.All(disks, disk => Assert.Equal(disk.Item2, File.GetCreationTimeUtc(disk.Path + "/disk.ext4")));
        await Testing.Tool.BashAsync("diff -r first second; diff -r first third", _directory.Path);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(Cache, "tmp")));
    }

    [Fact]
    public async Task Eight_runs_at_once_make_what_one_makes()
    {
        await tool.SeedCacheAsync(Cache);
        await RunAsync("first");
        await Task.WhenAll(Enumerable.Range(1, 8).Select(index => RunAsync($"run-{index}")));
        await Testing.Tool.BashAsync("for run in run-*; do diff -r first $run; done", _directory.Path);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(Cache, "tmp")));
    }

    [Fact]
    public async Task Runs_over_the_same_base_go_on_from_a_guest_that_has_it_mounted()
    {
        await tool.SeedCacheAsync(Cache);
        await RunAsync("first");
        // Of what was made a moment ago nobody can tell whether it is still the same.
        await Task.Delay(TimeSpan.FromSeconds(3.5), TestContext.Current.CancellationToken);
        Assert.False(WasMounted(await RunAsync("second", "--json")));
        Assert.Equal(["disk", "disk", "snapshot", "snapshot"], (await ListAsync()).Entries.Select(entry => entry.Kind).Order());
        Assert.True(WasMounted(await RunAsync("third", "--json")));
        Assert.True(WasMounted(await RunAsync("checked", "--check", "--json")));
        await Testing.Tool.BashAsync("for run in second third checked; do diff -r first $run; done; mkdir contents; echo text > contents/file", _directory.Path);

        // Where the upper disk is another from the start, or not of the base alone, it is mounted in the run.
        Assert.False(WasMounted(await RunAsync("smaller", "--disk-size", "1G", "--json")));
        Assert.False(WasMounted(await RunAsync("more", "--contents", _directory["contents"], "--json")));
        Assert.False(WasMounted(await RunAsync("cold", "--no-warm-start", "--json")));
        await Testing.Tool.BashAsync("diff -r first smaller; diff -r first cold; tar -xOf more/layer.tar ./file | grep -qx text", _directory.Path);
    }

    [Fact]
    public async Task Disks_that_were_altered_or_cut_are_not_used()
    {
        await tool.SeedCacheAsync(Cache);
        await RunAsync("first");
        var disks = (await ListAsync()).Entries.Where(entry => entry.Kind == "disk").ToArray();
        Assert.Equal(2, disks.Length);
        await Testing.Tool.BashAsync(string.Join("; ", disks.Select((entry, index) => index == 0
            ? $"truncate -s 5000 '{entry.Path}/disk.ext4'"
            : $"dd if=/dev/zero of='{entry.Path}/disk.ext4' bs=4096 count=1 conv=notrunc status=none")));
        await RunAsync("second");
        await Testing.Tool.BashAsync("diff -r first second", _directory.Path);
    }

    [Fact]
    public async Task A_damaged_saved_guest_costs_a_line_and_a_boot()
    {
        await tool.SeedCacheAsync(Cache);
        await RunAsync("first");
        await Testing.Tool.BashAsync($"truncate -s 1000000 '{Cache}'/snapshots/*/state");
        var second = await RunAsync("second", "-v");
        Assert.Contains("saved guest can't be used", second.StandardError, StringComparison.Ordinal);
        foreach (var phase in new[] { "restore", "disks", "mount", "script", "unmount", "pack" })
            Assert.Matches($@"(?m)^{phase} +\d+\.\d\d\d s$", second.StandardError);
        await Testing.Tool.BashAsync("diff -r first second", _directory.Path);
    }

    [Fact]
    public async Task Prune_removes_down_to_the_limit_and_path_says_where()
    {
        await tool.SeedCacheAsync(Cache);
        await RunAsync("first");
        Assert.Equal(Cache + "\n", (await CacheAsync("path")).StandardOutput);
        await CacheAsync("prune", "--cache-limit", "150M");
        var (entries, size) = await ListAsync();
        Assert.InRange(size, 0, 150L << 20);
        Assert.NotEqual(3, entries.Length);
        await CacheAsync("prune", "--all");
        Assert.Empty((await ListAsync()).Entries);
        // The limit holds for runs, too: what they need stays while they need it.
        await RunAsync("second", "--cache-limit", "1M");
        await Testing.Tool.BashAsync("diff -r first second", _directory.Path);
        var wrong = await tool.RunAsync(["cache", "prune", "--cache-limit", "much"]);
        Assert.Equal(2, wrong.ExitCode);
    }

    private async Task<ToolResult> RunAsync(string output, params string[] arguments)
    {
        var run = await tool.RootLayerAsync(_directory[output], "echo new > /new; rm /etc/motd",
            ["--from", InstalledTool.DebianBase, "--accel", "tcg", "--cache-dir", Cache, .. arguments]);
        Assert.True(run.ExitCode == 0, run.StandardError);
        return run;
    }

    // What is not done again took no time; what is done may seem to, where the host hears late that it began.
    private static bool WasMounted(ToolResult run)
    {
        using var json = JsonDocument.Parse(run.StandardOutputBytes);
        var mounted = json.RootElement.GetProperty("mounted").GetBoolean();
        if (mounted) Assert.Equal(0, json.RootElement.GetProperty("phases").GetProperty("mount").GetDouble());
        return mounted;
    }

    private async Task<ToolResult> CacheAsync(params string[] arguments)
    {
        var run = await tool.RunAsync(["cache", .. arguments, "--cache-dir", Cache]);
        Assert.True(run.ExitCode == 0, run.StandardError);
        return run;
    }

    private async Task<((string Kind, string Path)[] Entries, long Size)> ListAsync()
    {
        using var json = JsonDocument.Parse((await CacheAsync("ls", "--json")).StandardOutputBytes);
        var entries = json.RootElement.GetProperty("entries").EnumerateArray()
            .Select(entry => (entry.GetProperty("kind").GetString()!, entry.GetProperty("path").GetString()!));
        return ([.. entries], json.RootElement.GetProperty("size").GetInt64());
    }
}
