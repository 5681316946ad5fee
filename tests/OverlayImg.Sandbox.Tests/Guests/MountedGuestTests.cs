using System.Collections.Concurrent;
using System.Text;
using OverlayImg.FileSystems;
using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Guests;
using OverlayImg.Sandbox.Jobs;
using OverlayImg.Testing;

namespace OverlayImg.Sandbox.Tests.Guests;

/// <summary>Mounted starts: guests from a snapshot with the overlay of their job mounted.</summary>
public sealed class MountedGuestTests(SavedGuest saved) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ConcurrentQueue<string> _notices = [];
    private int _runs;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Snapshots => _directory["snapshots"];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(260)]
    public async Task Later_guests_have_the_parents_and_an_upper_disk_of_their_own(int count)
    {
        var parents = await ParentsAsync(count);
        var first = await RunAsync("cat /which || :; ls -d /of-* | wc -l; echo first >/new; mkdir /first", parents);
        Assert.Contains(JobPhase.Mount, first.Phases);
        Assert.Single(Mounted());

        var second = await RunAsync("cat /which || :; ls -d /of-* | wc -l; ls -d /first /new || :; echo second >/new; rm -f /which", parents);
        var which = count == 0
            ? "cat: can't open '/which': No such file or directory\nls: /of-*: No such file or directory\n0\n"
            : $"{count - 1}\n{count}\n";
        Assert.Equal(which, first.Log);
        Assert.Equal($"{which}ls: /first: No such file or directory\nls: /new: No such file or directory\n", second.Log);
        Assert.Equal([JobPhase.Script, JobPhase.Unmount], second.Phases);
        Assert.True(second.IsWarm);
        Assert.Equal("second\n", await DebugfsAsync(second, "cat /layer/new"));
        Assert.DoesNotContain("first", await DebugfsAsync(second, "ls -p /layer"), StringComparison.Ordinal);
        Assert.Empty(_notices);
        foreach (var run in new[] { first, second })
            Assert.Equal(0, (await Tool.RunAsync("e2fsck", ["-fn", run.UpperDisk], cancellationToken: Token)).ExitCode);
    }

    [Fact]
    public async Task Mounted_guests_share_no_random_numbers_and_know_the_time()
    {
        var parents = await ParentsAsync(1);
        await RunAsync("true", parents);
        Assert.Single(Mounted());
        List<string> told = [];
        for (var round = 0; round < 3; round++)
        {
            foreach (var run in await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => RunAsync(RandomNumbers.Tell, parents))))
            {
                Assert.DoesNotContain(JobPhase.Mount, run.Phases);
                told.AddRange(RandomNumbers.Told(run.Log, run.Began));
            }
        }

        Assert.Equal(6 * 504, told.Count);
        Assert.Equal(told.Count, told.Distinct().Count());
    }

    [Fact]
    public async Task A_replaced_parent_disk_is_mounted_again()
    {
        var parents = await ParentsAsync(2);
        await RunAsync("true", parents);
        Assert.Single(Mounted());
        TestGuest.Parent(parents[1] + ".new", ("which", "other\n"));
        File.Move(parents[1] + ".new", parents[1], overwrite: true);
        var run = await RunAsync("cat /which", parents);
        Assert.Equal("other\n", run.Log);
        Assert.Contains(JobPhase.Mount, run.Phases);
        Assert.Empty(_notices);
        Assert.Empty(Mounted());
    }

    [Theory]
    [InlineData("truncate -s 1000000 upper")]
    [InlineData("dd status=none if=/dev/urandom bs=1 count=64 seek=30000000 conv=notrunc of=memory")]
    [InlineData("truncate -s 100000 state")]
    public async Task A_damaged_snapshot_is_dropped_and_another_guest_takes_the_job(string damage)
    {
        var parents = await ParentsAsync(1);
        await RunAsync("true", parents);
        await Tool.BashAsync(damage, Assert.Single(Mounted()));
        var run = await RunAsync("echo whole >/new", parents);
        Assert.Contains("saved guest can't be used", Assert.Single(_notices), StringComparison.Ordinal);
        Assert.Contains(JobPhase.Mount, run.Phases);
        Assert.Equal("whole\n", await DebugfsAsync(run, "cat /layer/new"));
        Assert.Equal(0, (await Tool.RunAsync("e2fsck", ["-fn", run.UpperDisk], cancellationToken: Token)).ExitCode);
    }

    [Theory]
    [InlineData("rm upper")]
    [InlineData("rm parents")]
    [InlineData("rm memory")]
    public async Task An_incomplete_snapshot_is_replaced(string damage)
    {
        var parents = await ParentsAsync(1);
        await RunAsync("true", parents);
        await Tool.BashAsync(damage, Assert.Single(Mounted()));
        Assert.Contains(JobPhase.Mount, (await RunAsync("true", parents)).Phases);
        Assert.DoesNotContain(JobPhase.Mount, (await RunAsync("true", parents)).Phases);
        Assert.Empty(_notices);
    }

    [Fact]
    public async Task A_guest_with_just_changed_parent_disks_is_not_saved()
    {
        await CopySavedAsync();
        var parents = TestGuest.Parents(_directory, 1);
        // The disk's mode is set all the time, so the disk has just changed, however long the guest takes.
        using var ended = new CancellationTokenSource();
        var changing = Task.Run(async () =>
        {
            while (!ended.IsCancellationRequested)
            {
                File.SetUnixFileMode(parents[0], File.GetUnixFileMode(parents[0]));
                await Task.Delay(50);
            }
        });
        var run = await RunAsync("cat /which", parents);
        await ended.CancelAsync();
        await changing;
        Assert.Equal("0\n", run.Log);
        Assert.Empty(Mounted());
    }

    [Fact]
    public async Task Hooks_of_a_job_without_a_script_in_the_image_find_nothing_that_the_guest_added()
    {
        var parents = await ParentsAsync(1);
        await RunAsync("true", parents);
        Assert.Single(Mounted());
        var scripts = TestGuest.Script(JobScript.PostMount, "ls -A mnt layer; echo new >mnt/new");
        var run = await RunAsync("", parents, job => job with { Scripts = scripts });
        Assert.Equal([JobPhase.PostMount, JobPhase.Unmount], run.Phases);
        Assert.Equal("layer:\n\nmnt:\nof-0\nwhich\n", run.Log);
        Assert.Equal(["new"], await LayerAsync(run));
        Assert.Equal(["new"], await LayerAsync(await RunAsync("ls -A /dev /proc/self >/dev/null; echo new >/new", parents)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_script_finds_the_same_in_a_mounted_guest_as_in_a_warm_one(bool shadowSetup)
    {
        const string script = """
            echo $$ $PPID $0 $- "$@"; pwd; umask; hostname; ulimit -a; env | sed 's/A\{99,\}/many/'; echo "${#LONG}"
            for process in 1 $$; do
              # The list goes to a file, because in a pipeline the shell itself may hold a pipe when ls looks. The numbers of pipes differ.
              ls -l /proc/$process/fd >/descriptors; sed -n 's/.* -> //p' /descriptors | sed 's/\[[0-9]*\]//'
              cat /proc/$process/oom_score_adj /proc/$process/cmdline | tr '\0' ' '
              # The shell reads the file itself: while it waits for a program, it catches interrupts.
              while read -r line; do
                case $line in Uid*|Gid*|Groups*|NSpid*|Sig*|Shd*|Cap*|NoNewPrivs*|Umask*) echo "$line" ;; esac
              done </proc/$process/status
              cut -d ' ' -f 4-7 /proc/$process/stat; readlink /proc/$process/cwd; readlink /proc/$process/root
            done
            cat /proc/mounts; find /dev /.overlayimg/scripts -exec stat -c '%n %f %t %T %u %g' {} + | sort
            ls -A /; cat /etc/passwd || :; echo done >/written
            """;
        var parents = await ParentsAsync(2);
        GuestJob Change(GuestJob job) => job with
        {
            ShadowSetup = shadowSetup,
            // Longer than a pipe's buffer.
            Environment = new Dictionary<ByteString, ReadOnlyMemory<byte>>
            {
                [ByteString.FromText("LONG")] = Encoding.ASCII.GetBytes(new string('A', 100_000)),
                [ByteString.FromText("TERM")] = "of the job\nin two lines"u8.ToArray(),
            },
        };
        var plain = await RunAsync(script, parents, Change, overlay: null);
        var first = await RunAsync(script, parents, Change);
        var later = await RunAsync(script, parents, Change);
        Assert.Contains(JobPhase.Mount, plain.Phases);
        Assert.Equal([JobPhase.Script, JobPhase.Unmount], later.Phases);
        Assert.Contains("TERM=of the job\nin two lines\n", plain.Log, StringComparison.Ordinal);
        Assert.Contains("\n100000\n", plain.Log, StringComparison.Ordinal);
        Assert.Contains("/dev/urandom 21b6 1 9 0 0\n", plain.Log, StringComparison.Ordinal);
        Assert.Equal(shadowSetup, plain.Log.Contains("root:x:0:0::/root:/bin/sh", StringComparison.Ordinal));
        Assert.Equal(plain.Log, first.Log);
        Assert.Equal(plain.Log, later.Log);
        Assert.Equal(await LayerAsync(plain), await LayerAsync(later));
    }

    [Fact]
    public async Task With_the_network_a_script_has_the_guests_network()
    {
        const string script = "cat /etc/resolv.conf; ip -4 address show eth0 | grep -o 'inet [0-9./]*'; echo new >/new";
        var parents = await ParentsAsync(1);
        foreach (var _ in Enumerable.Range(0, 3)) await RunAsync("true", parents, network: true);
        Assert.Single(Mounted());
        var run = await RunAsync(script, parents, network: true);
        Assert.Equal([JobPhase.Script, JobPhase.Unmount], run.Phases);
        Assert.Equal("nameserver 10.0.2.3\ninet 10.0.2.15/24\n", run.Log);
        Assert.Equal(["new"], (await LayerAsync(run)).Except(["etc"]));
    }

    [Fact]
    public async Task Guests_have_as_many_processors_as_they_were_given()
    {
        var parents = await ParentsAsync(1);
        foreach (var phases in new[] { 3, 3, 2 })
        {
            var run = await RunAsync(
                "nproc; for processor in 0 1 2; do taskset $((1 << processor)) sh -c 'cat /which' & done; wait; echo end",
                parents, processors: 3);
            Assert.Equal("3\n0\n0\n0\nend\n", run.Log);
            Assert.Equal(phases, run.Phases.Except([JobPhase.Disks]).Count());
        }
    }

    [Fact]
    public async Task Of_concurrent_runs_one_saves_its_guest()
    {
        var parents = await ParentsAsync(1);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => RunAsync("true", parents)));
        Assert.Single(Mounted());
        Assert.Empty(_notices);
        Assert.DoesNotContain(JobPhase.Mount, (await RunAsync("true", parents)).Phases);
    }

    [Fact]
    public async Task Failures_and_timeouts_of_a_mounted_guest_are_reported_as_usual()
    {
        var parents = await ParentsAsync(1);
        await RunAsync("true", parents);
        var failure = await Assert.ThrowsAsync<ScriptException>(() => RunAsync("exit 7", parents));
        Assert.Equal(7, failure.Result.Status);
        var timeout = await Assert.ThrowsAsync<GuestTimeoutException>(
            () => RunAsync("sleep 60", parents, job => job with { Timeout = TimeSpan.FromSeconds(8) }));
        Assert.Equal("The job did not end within 8 s (phase 'script')", timeout.Message);
    }

    // Waits until the disks are so old that a change would get another timestamp.
    private async Task<string[]> ParentsAsync(int count)
    {
        await CopySavedAsync();
        var parents = TestGuest.Parents(_directory, count);
        await Task.Delay(count == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(3.5), Token);
        return parents;
    }

    private async Task CopySavedAsync() => await Tool.BashAsync($"cp -a '{await saved.SnapshotsAsync()}' '{Snapshots}'");

    // The snapshots with an overlay.
    private string[] Mounted() =>
        [.. Directory.GetDirectories(Snapshots).Where(path => Path.GetFileName(path).Contains('-', StringComparison.Ordinal))];

    private async Task<Run> RunAsync(
        string script, string[] parents, Func<GuestJob, GuestJob>? change = null, string? overlay = "the parents of this test", bool network = false,
        int processors = 1)
    {
        var began = DateTimeOffset.UtcNow;
        var directory = Directory.CreateDirectory(_directory[$"run-{Interlocked.Increment(ref _runs)}"]).FullName;
        var options = TestGuest.Options(Path.Combine(directory, "scratch")) with
        {
            SnapshotsPath = Snapshots,
            Overlay = overlay,
            Network = network,
            Cpus = processors,
        };
        await using var guest = await GuestStarter.StartAsync(options, new Watch(_notices), Token);
        using var log = new MemoryStream();
        var job = TestGuest.Job(directory, script, parents);
        var result = await guest.RunAsync(change is null ? job : change(job), log, new Watch(_notices), Token);
        return new([.. result.Phases.Select(phase => phase.Phase)], Encoding.UTF8.GetString(log.ToArray()), guest.IsWarm, job.UpperDisk, began);
    }

    private static async Task<string[]> LayerAsync(Run run) =>
    [
        .. (await DebugfsAsync(run, "ls -p /layer")).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('/')[5])
            .Where(name => name is not ("." or "..")),
    ];

    private static async Task<string> DebugfsAsync(Run run, string request) =>
        (await Tool.RunAsync("debugfs", ["-R", request, run.UpperDisk], cancellationToken: Token)).StandardOutput;

    private sealed record Run(JobPhase[] Phases, string Log, bool IsWarm, string UpperDisk, DateTimeOffset Began);

    private sealed class Watch(ConcurrentQueue<string> notices) : IProgress<GuestProgress>
    {
        public void Report(GuestProgress value)
        {
            if (value is GuestProgress.Notice { Text: var text }) notices.Enqueue(text);
        }
    }
}
