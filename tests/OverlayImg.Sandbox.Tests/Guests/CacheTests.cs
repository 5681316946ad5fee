using System.Text;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Ext4.Writing;
using OverlayImg.Sandbox.Guests;
using OverlayImg.Sandbox.Jobs;
using OverlayImg.Testing;

namespace OverlayImg.Sandbox.Tests.Guests;

/// <summary>Caches: disks that scripts write and later jobs use again.</summary>
public sealed class CacheTests(SavedGuest saved) : IDisposable
{
    private const long Size = 64 << 20;
    private readonly TemporaryDirectory _directory = new();
    private int _runs;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Snapshots => _directory["snapshots"];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task What_scripts_write_to_a_cache_is_there_for_the_next_job_and_not_in_the_layer()
    {
        string[] caches = [Cache("a"), Cache("b")];
        var first = await RunAsync("echo one >/var/deep/a/file; ls -A /var/deep/a; echo two >/b/file", caches, ["/var/deep/a", "/b"]);
        var second = await RunAsync("cat /b/file /var/deep/a/file", [caches[1], caches[0]], ["/var/deep/a", "/b"]);
        Assert.Equal(["file\n", "one\ntwo\n"], [first.Log, second.Log]);
        Assert.Equal([CacheState.Clean, CacheState.Clean], first.Result.Caches.OrderBy(pair => pair.Key).Select(pair => pair.Value));
        Assert.Equal([".", ".."], await LayerAsync(first));
        foreach (var cache in caches) Assert.Equal(0, (await Tool.RunAsync("e2fsck", ["-fn", cache], cancellationToken: Token)).ExitCode);
    }

    [Fact]
    public async Task Every_script_of_a_job_sees_its_caches()
    {
        const string Count = "echo >>/cache/n; wc -l </cache/n";
        var run = await RunAsync(Count, [Cache("a")], ["/cache"], job => job with { Scripts = TestGuest.EveryHook(Count) });
        Assert.Equal("1\n2\n3\n4\n5\n6\n", run.Log);
        Assert.Equal(CacheState.Clean, run.Result.Caches[0]);
    }

    [Fact]
    public async Task A_cache_is_clean_after_a_script_that_failed()
    {
        var cache = Cache("a");
        var exception = await Assert.ThrowsAsync<ScriptException>(() => RunAsync("echo kept >/cache/file; exit 3", [cache], ["/cache"]));
        Assert.Equal(CacheState.Clean, exception.Result.Caches[0]);
        Assert.Equal("kept\n", (await RunAsync("cat /cache/file", [cache], ["/cache"])).Log);
    }

    [Theory]
    [InlineData("truncate -s 0 DISK; truncate -s 64M DISK")]
    [InlineData("dd status=none if=/dev/urandom of=DISK bs=4096 count=16 conv=notrunc")]
    [InlineData("debugfs -w -R 'rmdir content' DISK")]
    [InlineData("debugfs -w -R 'rmdir content' DISK; debugfs -w -R 'symlink content /disk/layer' DISK")]
    public async Task Scripts_have_an_empty_directory_in_the_place_of_a_cache_that_can_not_be_used(string damage)
    {
        var cache = Cache("a");
        await Tool.BashAsync(damage.Replace("DISK", cache, StringComparison.Ordinal) + " 2>/dev/null");
        var run = await RunAsync("ls -A /cache; echo x >/cache/file; cat /cache/file", [cache], ["/cache"]);
        Assert.Equal("x\n", run.Log);
        Assert.Equal(CacheState.Unusable, run.Result.Caches[0]);
        Assert.Equal([".", ".."], await LayerAsync(run));
    }

    [Fact]
    public async Task A_file_system_error_of_a_cache_is_reported_and_does_not_fail_the_job()
    {
        // The directory's block is overwritten, which the kernel notices when a file is created. The superblock asks for a panic then.
        var cache = Cache("a");
        await Tool.BashAsync(
            $"""
            tune2fs -e panic {cache} >/dev/null
            dd status=none if=/dev/urandom of={cache} bs=4096 seek=$(debugfs -R 'bmap content 0' {cache} 2>/dev/null) count=1 conv=notrunc
            """);
        var run = await RunAsync("touch /cache/file || echo failed; echo on", [cache], ["/cache"]);
        Assert.EndsWith("failed\non\n", run.Log, StringComparison.Ordinal);
        Assert.Equal(CacheState.Damaged, run.Result.Caches[0]);
    }

    [Fact]
    public async Task A_full_cache_is_reported_as_full()
    {
        var run = await RunAsync(
            "dd if=/dev/zero of=/cache/big bs=1M 2>/dev/null || rm /cache/none 2>/dev/null || echo full", [Cache("a")], ["/cache"]);
        Assert.Equal("full\n", run.Log);
        Assert.Equal(CacheState.Full, run.Result.Caches[0]);
    }

    [Fact]
    public async Task A_guest_that_was_saved_with_its_overlay_mounted_has_the_caches_of_each_job()
    {
        await Tool.BashAsync($"cp -a '{await saved.SnapshotsAsync()}' '{Snapshots}'");
        var parents = TestGuest.Parents(_directory, 2);
        await Task.Delay(TimeSpan.FromSeconds(3.5), Token);
        var cache = Cache("a");
        foreach (var count in new[] { 1, 2, 3 })
        {
            const string script = "cat /which; echo x >>/cache/lines; wc -l </cache/lines; echo new >/new";
            var run = await RunAsync(script, [cache], ["/cache"], job => job with { ParentDisks = parents }, "of this test");
            Assert.Equal($"1\n{count}\n", run.Log);
            Assert.Equal(CacheState.Clean, run.Result.Caches[0]);
            Assert.Equal([".", "..", "new"], await LayerAsync(run));
            Assert.Equal(count < 2, run.Result.Phases.Any(phase => phase.Phase == JobPhase.Mount));
        }
    }

    private string Cache(string name)
    {
        var tree = new FileTree();
        tree.Root.Set(ByteString.FromText("content"), new DirectoryNode(Metadata.DefaultDirectory));
        var path = _directory[$"cache-{name}.ext4"];
        Ext4Writer.Write(tree, path, new() { Size = Size }, CancellationToken.None);
        return path;
    }

    private async Task<Run> RunAsync(
        string script, string[] caches, string[] targets, Func<GuestJob, GuestJob>? change = null, string? overlay = null)
    {
        var directory = Directory.CreateDirectory(_directory[$"run-{++_runs}"]).FullName;
        var snapshots = overlay is null ? await saved.SnapshotsAsync() : Snapshots;
        var options = TestGuest.Options(Path.Combine(directory, "scratch")) with { SnapshotsPath = snapshots, Overlay = overlay };
        await using var guest = await GuestStarter.StartAsync(options, null, Token);
        using var log = new MemoryStream();
        var job = TestGuest.Job(directory, script) with
        {
            Caches = [.. caches.Zip(targets, (disk, target) => new GuestMount(disk, ByteString.FromText(target)))],
        };
        if (change is not null) job = change(job);
        var result = await guest.RunAsync(job, log, null, Token);
        return new(result, Encoding.UTF8.GetString(log.ToArray()), job.UpperDisk);
    }

    private static async Task<string[]> LayerAsync(Run run)
    {
        var listing = (await Tool.RunAsync("debugfs", ["-R", "ls -p /layer", run.UpperDisk], cancellationToken: Token)).StandardOutput;
        return [.. listing.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('/')[5]).Order(StringComparer.Ordinal)];
    }

    private sealed record Run(JobResult Result, string Log, string UpperDisk);
}
