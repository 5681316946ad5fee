using System.Text.Json;
using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests;

/// <summary>Tests of the disks and snapshots that the cache keeps for later runs.</summary>
public sealed class CacheTests(InstalledTool tool) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string Cache => _directory["cache"];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Later_runs_use_the_cache_of_the_first_run_and_make_the_same_layer()
    {
        await RunAsync("first");
        var (entries, size) = await ListAsync();
        Assert.Equal(["disk", "disk", "snapshot"], entries.Select(entry => entry.Kind).Order());
        Assert.Equal(long.Parse(await Testing.Tool.BashAsync(
            $"find '{Cache}/parents' '{Cache}/snapshots' -type f -printf '%b\n' | awk '{{ blocks += $1 }} END {{ print 512 * blocks }}'")), size);
        var disks = entries.Where(entry => entry.Kind == "disk")
            .Select(entry => (entry.Path, File.GetCreationTimeUtc(entry.Path + "/disk.ext4"))).ToArray();

        Assert.Contains("\"start\": \"warm\"", (await RunAsync("second", "--json")).StandardOutput, StringComparison.Ordinal);
        var third = await RunAsync("third", "--no-warm-start", "--json");
        Assert.Contains("\"start\": \"cold\"", third.StandardOutput, StringComparison.Ordinal);
        Assert.All(disks, disk => Assert.Equal(disk.Item2, File.GetCreationTimeUtc(disk.Path + "/disk.ext4")));
        await Testing.Tool.BashAsync("diff -r first second; diff -r first third", _directory.Path);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(Cache, "tmp")));
    }

    [Fact]
    public async Task Eight_concurrent_runs_make_the_same_layer_as_one_run()
    {
        await tool.SeedCacheAsync(Cache);
        await RunAsync("first");
        await Task.WhenAll(Enumerable.Range(1, 8).Select(index => RunAsync($"run-{index}")));
        await Testing.Tool.BashAsync("for run in run-*; do diff -r first $run; done", _directory.Path);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(Cache, "tmp")));
    }

    [Fact]
    public async Task Runs_over_the_same_base_start_from_a_snapshot_with_mounted_disks()
    {
        await tool.SeedCacheAsync(Cache);
        await RunAsync("first");
        // Facts about recently changed files are not remembered, because a further change might not show in the file times.
        await Task.Delay(TimeSpan.FromSeconds(3.5), TestContext.Current.CancellationToken);
        Assert.False(WasMounted(await RunAsync("second", "--json")));
        Assert.Equal(["disk", "disk", "snapshot", "snapshot"], (await ListAsync()).Entries.Select(entry => entry.Kind).Order());
        Assert.True(WasMounted(await RunAsync("third", "--json")));
        Assert.True(WasMounted(await RunAsync("checked", "--check", "--json")));
        await Testing.Tool.BashAsync(
            "for run in second third checked; do diff -r first $run; done; mkdir contents; echo text > contents/file", _directory.Path);

        // A snapshot with mounted disks fits only an empty upper disk of the default size over the base image alone.
        Assert.False(WasMounted(await RunAsync("smaller", "--disk-size", "1G", "--json")));
        Assert.False(WasMounted(await RunAsync("more", "--contents", _directory["contents"], "--json")));
        Assert.False(WasMounted(await RunAsync("cold", "--no-warm-start", "--json")));
        await Testing.Tool.BashAsync("diff -r first smaller; diff -r first cold; tar -xOf more/layer.tar ./file | grep -qx text", _directory.Path);
    }

    [Fact]
    public async Task Modified_or_truncated_disks_are_not_used()
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
    public async Task After_a_damaged_snapshot_the_run_prints_a_line_and_boots_the_guest()
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
    public async Task Prune_removes_entries_down_to_the_limit_and_path_prints_the_directory()
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
        // The limit also holds for runs, but entries that a run uses are not removed during the run.
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

    // A skipped phase has the duration 0. A short phase can have it too, if its start and end arrive at the host together.
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
