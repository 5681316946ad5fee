using OverlayImg.Sandbox.Tests.Fakes;
using OverlayImg.Sandbox.Tests.Guests;
using OverlayImg.Testing;

namespace OverlayImg.Sandbox.Tests.WarmStarts;

/// <summary>Caches in which a guest's memory can't be kept.</summary>
public sealed class MemoryFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("maps-no-file", "QEMU can't use a file of the cache as the guest's memory (exit status 1)")]
    [InlineData("has-no-room", "QEMU was ended by signal 7, most likely because the cache has no room for the guest's memory")]
    public async Task Cost_a_line_and_no_more(string behaviour, string reason)
    {
        var options = TestGuest.Options(_directory["scratch"]) with
        {
            Qemu = FakeQemu.Install(_directory.Path, behaviour),
            SnapshotsPath = _directory["snapshots"],
        };
        var watch = new Watch();
        await using var guest = await GuestStarter.StartAsync(options, watch, TestContext.Current.CancellationToken);
        Assert.Equal([$"The guest could not be saved for later runs: {reason}"], watch.Notices);
        Assert.False(guest.IsWarm);
        Assert.Empty(Directory.GetFileSystemEntries(_directory["snapshots"]));
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
