using OverlayImg.Sandbox.Guests;
using OverlayImg.Sandbox.Tests.Fakes;
using OverlayImg.Sandbox.Tests.Guests;
using OverlayImg.Testing;

namespace OverlayImg.Sandbox.Tests.WarmStarts;

/// <summary>Guests that can't be saved, because of the memory file or the cache.</summary>
public sealed class MemoryFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Watch _watch = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("maps-no-file", "QEMU can't use a file as the guest's memory (exit status 1)")]
    [InlineData("loses-its-memory", "QEMU was ended by signal 7: the host could not give it a part of the guest's memory")]
    public async Task A_guest_that_can_not_be_saved_is_reported_and_another_guest_boots(string behaviour, string reason)
    {
        await RunAsync(behaviour);
        Assert.Equal([$"The guest could not be saved for later runs: {reason}"], _watch.Notices);
        Assert.Equal(2, FakeQemu.Starts(_directory.Path));
        Assert.Empty(Directory.GetFileSystemEntries(_directory["snapshots"]));
    }

    [Fact]
    public async Task A_snapshot_that_can_not_be_written_is_reported_and_the_guest_does_its_job()
    {
        await RunAsync("loses-the-cache");
        var notice = Assert.Single(_watch.Notices);
        Assert.StartsWith("The guest could not be saved for later runs: Could not find a part of the path", notice, StringComparison.Ordinal);
        Assert.Equal(1, FakeQemu.Starts(_directory.Path));
    }

    private async Task RunAsync(string behaviour)
    {
        var options = TestGuest.Options(_directory["scratch"]) with
        {
            Qemu = await FakeQemu.InstallAsync(_directory.Path, behaviour),
            SnapshotsPath = _directory["snapshots"],
        };
        await using var guest = await GuestStarter.StartAsync(options, _watch, TestContext.Current.CancellationToken);
        Assert.False(guest.IsWarm);
        var result = await guest.RunAsync(TestGuest.Job(_directory.Path, "true"), Stream.Null, null, TestContext.Current.CancellationToken);
        Assert.Equal(0, result.Status);
    }

    private sealed class Watch : IProgress<GuestProgress>
    {
        public List<string> Notices { get; } = [];

        public void Report(GuestProgress value)
        {
            if (value is GuestProgress.Notice { Text: var text }) Notices.Add(text);
        }
    }
}
