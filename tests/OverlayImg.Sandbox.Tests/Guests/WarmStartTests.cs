using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Guests;
using OverlayImg.Sandbox.Snapshots;
using OverlayImg.Testing;

namespace OverlayImg.Sandbox.Tests.Guests;

public sealed class WarmStartTests(SavedGuest saved) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ConcurrentQueue<string> _notices = [];

    private string Snapshots => _directory["snapshots"];

    private string State => Path.Combine(Assert.Single(Directory.GetDirectories(Snapshots)), "state");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Guests_of_one_snapshot_share_no_random_numbers_and_know_the_time()
    {
        await CopySavedAsync();
        var written = File.GetLastWriteTimeUtc(State);
        List<string[]> told = [await saved.ToldAsync()];
        for (var guest = 0; guest < 8; guest += 4)
            told.AddRange(await Task.WhenAll(Enumerable.Range(guest, 4).Select(index => TellAsync($"warm-{index}"))));

        Assert.Empty(_notices);
        Assert.Equal(written, File.GetLastWriteTimeUtc(State));
        var all = told.SelectMany(values => values).ToArray();
        Assert.Equal(9 * 504, all.Length);
        Assert.Equal(all.Length, all.Distinct().Count());
    }

    [Fact]
    public async Task A_warm_guest_is_ready_without_its_kernel_having_booted_again()
    {
        await CopySavedAsync();
        await using var guest = await StartAsync("warm");
        Assert.Empty(_notices);
        var command = await File.ReadAllTextAsync($"/proc/{guest.ProcessId}/cmdline");
        Assert.Contains("-incoming\0defer\0", command, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("truncate -s 100000 state")]
    [InlineData("dd status=none if=/dev/urandom bs=1 count=64 seek=30000000 conv=notrunc of=memory")]
    public async Task A_damaged_snapshot_is_dropped_and_another_guest_boots(string damage)
    {
        await CopySavedAsync();
        await Tool.BashAsync(damage, Path.GetDirectoryName(State));
        await TellAsync("second");
        Assert.Contains("saved guest can't be used", Assert.Single(_notices), StringComparison.Ordinal);
        _notices.Clear();
        // The second guest was saved in a new snapshot.
        await TellAsync("third");
        Assert.Empty(_notices);
    }

    [Theory]
    [InlineData("truncate -s 0 state", false)]
    [InlineData("truncate -s -1 state", false)]
    [InlineData("truncate -s -1 memory", false)]
    [InlineData("dd status=none if=/dev/urandom bs=1 count=64 seek=50000 conv=notrunc of=state", false)]
    [InlineData("rm state", false)]
    [InlineData("rm memory", false)]
    [InlineData("touch state memory", true)]
    public async Task Only_changed_contents_make_a_snapshot_differ_from_its_digest(string damage, bool isWhole)
    {
        await CopySavedAsync();
        await Tool.BashAsync(damage, Path.GetDirectoryName(State));
        var snapshot = new Snapshot(Assert.Single(Directory.GetDirectories(Snapshots)));
        Assert.Equal(isWhole, await snapshot.MatchesDigestAsync(TestContext.Current.CancellationToken));
        Assert.Equal(!damage.StartsWith("rm ", StringComparison.Ordinal), snapshot.IsComplete);
    }

    [Fact]
    public async Task Concurrent_runs_can_write_the_same_snapshot()
    {
        var told = await Task.WhenAll(TellAsync("a"), TellAsync("b"), TellAsync("c"));
        Assert.Equal(3, told.Select(lines => lines[0]).Distinct().Count());
        Assert.Single(Directory.GetFileSystemEntries(Snapshots));
        await TellAsync("later");
        Assert.Empty(_notices);
    }

    [Fact]
    public async Task A_run_that_ends_before_its_snapshot_is_published_still_publishes_it()
    {
        using var over = new CancellationTokenSource();
        await using (await GuestStarter.StartAsync(TestGuest.Options(_directory["scratch"]) with { SnapshotsPath = Snapshots }, null, over.Token))
            await over.CancelAsync();
        Assert.True(await new Snapshot(Assert.Single(Directory.GetDirectories(Snapshots))).MatchesDigestAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_different_memory_size_has_its_own_snapshot()
    {
        await CopySavedAsync();
        await TellAsync("other", memoryMiB: 300);
        Assert.Equal(2, Directory.GetDirectories(Snapshots).Length);
    }

    [Fact]
    public async Task A_copied_guest_image_starts_from_the_same_snapshot()
    {
        await CopySavedAsync();
        var image = Path.GetDirectoryName(TestGuest.Image.KernelPath);
        await Tool.BashAsync($"mkdir image; cp '{image}'/{{vmlinux,initramfs,guest-image.json}} image", _directory.Path);
        var options = TestGuest.Options(_directory["scratch"]) with { Image = GuestImage.Open(_directory["image"]), SnapshotsPath = Snapshots };
        await using var guest = await GuestStarter.StartAsync(options, new Watch(_notices), default);
        Assert.True(guest.IsWarm);
        Assert.Single(Directory.GetDirectories(Snapshots));
    }

    [Fact]
    public async Task The_users_boot_timeout_applies_to_a_warm_start_and_the_snapshot_is_kept()
    {
        await CopySavedAsync();
        var options = TestGuest.Options(_directory["scratch"]) with { SnapshotsPath = Snapshots, BootTimeout = TimeSpan.FromMilliseconds(1) };
        var exception = await Assert.ThrowsAsync<GuestTimeoutException>(() => GuestStarter.StartAsync(options, new Watch(_notices), default));
        Assert.StartsWith("The guest did not become READY on TCG within 0.001 s", exception.Message, StringComparison.Ordinal);
        Assert.Empty(_notices);
        Assert.Single(Directory.GetDirectories(Snapshots));
    }

    [Fact]
    public async Task A_cache_that_can_not_be_written_costs_a_boot_and_nothing_else()
    {
        await File.WriteAllTextAsync(Snapshots, "a file in the place of the directory");
        await TellAsync("first");
        Assert.Empty(_notices);
    }

    private async Task CopySavedAsync() => await Tool.BashAsync($"cp -a '{await saved.SnapshotsAsync()}' '{Snapshots}'");

    private Task<Guest> StartAsync(string name, int memoryMiB = 256) =>
        RandomNumbers.StartAsync(_directory[$"scratch-{name}"], Snapshots, new Watch(_notices), memoryMiB);

    private async Task<string[]> TellAsync(string name, int memoryMiB = 256)
    {
        await using var guest = await StartAsync(name, memoryMiB);
        return await RandomNumbers.TellAsync(guest, Directory.CreateDirectory(_directory[name]).FullName);
    }

    private sealed class Watch(ConcurrentQueue<string> notices) : IProgress<GuestProgress>
    {
        public void Report(GuestProgress value)
        {
            if (value is GuestProgress.Notice { Text: var text }) notices.Enqueue(text);
        }
    }
}

/// <summary>Guests that print random numbers from several sources.</summary>
internal static class RandomNumbers
{
    /// <summary>
    /// A script that prints the time and many random numbers. Guests with the same state of the generator draw the same sequence, but other programs
    /// draw as well, so each guest begins at another place of it. So many numbers are drawn that the sequences would overlap.
    /// </summary>
    public const string Tell = """
        date +%s
        od -An -tx1 -N32 /dev/urandom | tr -d ' \n'; echo
        od -An -tx1 -N32 /dev/random | tr -d ' \n'; echo
        cat /proc/sys/kernel/random/uuid
        mktemp -u /XXXXXXXXXXXX
        for ((draw = 0; draw < 500; draw++)); do read -r uuid </proc/sys/kernel/random/uuid; echo "$uuid"; done
        """;

    public static Task<Guest> StartAsync(string scratch, string snapshots, IProgress<GuestProgress>? progress, int memoryMiB = 256) =>
        GuestStarter.StartAsync(TestGuest.Options(scratch) with { SnapshotsPath = snapshots, MemoryMiB = memoryMiB }, progress, default);

    public static async Task<string[]> TellAsync(Guest guest, string directory)
    {
        var before = DateTimeOffset.UtcNow;
        using var log = new MemoryStream();
        await guest.RunAsync(TestGuest.Job(directory, Tell), log, null, default);
        return Told(Encoding.UTF8.GetString(log.ToArray()), before);
    }

    /// <summary>Checks the output of <see cref="Tell"/>, which began after <paramref name="before"/>, and returns its random numbers.</summary>
    public static string[] Told(string log, DateTimeOffset before)
    {
        var lines = log.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(505, lines.Length);
        var time = DateTimeOffset.FromUnixTimeSeconds(long.Parse(lines[0], CultureInfo.InvariantCulture));
        Assert.InRange(time, before.AddSeconds(-2), DateTimeOffset.UtcNow.AddSeconds(2));
        Assert.All(lines[1..], value => Assert.True(value.Length >= 13, value));
        return lines[1..];
    }
}
