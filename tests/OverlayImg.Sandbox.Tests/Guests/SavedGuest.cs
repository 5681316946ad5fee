using OverlayImg.Sandbox.Tests.Guests;
using OverlayImg.Testing;

[assembly: AssemblyFixture(typeof(SavedGuest))]

namespace OverlayImg.Sandbox.Tests.Guests;

/// <summary>A guest that was saved, once for all tests, as soon as one of them wants it.</summary>
public sealed class SavedGuest : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Lazy<Task<string[]>> _told;

    public SavedGuest() => _told = new(SaveAsync);

    /// <summary>What it said after it was saved.</summary>
    internal Task<string[]> ToldAsync() => _told.Value;

    /// <summary>Where its snapshot is, and nothing else.</summary>
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
