using OverlayImg.Sandbox.Tests.Guests;
using OverlayImg.Testing;

[assembly: AssemblyFixture(typeof(SavedGuest))]

namespace OverlayImg.Sandbox.Tests.Guests;

/// <summary>A directory with one snapshot, which the first test that needs it makes for all tests.</summary>
public sealed class SavedGuest : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Lazy<Task<string[]>> _told;

    public SavedGuest() => _told = new(SaveAsync);

    /// <summary>The random numbers that the guest printed after it was saved.</summary>
    internal Task<string[]> ToldAsync() => _told.Value;

    /// <summary>The directory, which has nothing but the snapshot.</summary>
    internal async Task<string> SnapshotsAsync()
    {
        await _told.Value;
        return _directory["snapshots"];
    }

    public void Dispose() => _directory.Dispose();

    private async Task<string[]> SaveAsync()
    {
        await using var guest = await RandomNumbers.StartAsync(_directory["scratch"], _directory["snapshots"], null);
        return await RandomNumbers.TellAsync(guest, _directory.Path);
    }
}
