using OverlayImg.Sandbox.Tests.Guests;

namespace OverlayImg.Sandbox.Tests.Fakes;

/// <summary>
/// A process to be killed: <c>own-guest SCRATCH SNAPSHOTS</c> starts a guest, prints QEMU's process ID, and waits for ever.
/// </summary>
internal static class OwnerProcess
{
    public const string Command = "own-guest";

    public static async Task<int> RunAsync(string scratch, string snapshots)
    {
        await using var guest = await TestGuest.StartAsync(scratch, snapshots: snapshots);
        Console.WriteLine(guest.ProcessId);
        await Task.Delay(Timeout.Infinite);
        return 0;
    }
}
