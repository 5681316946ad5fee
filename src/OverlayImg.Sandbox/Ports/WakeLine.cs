using System.Globalization;
using System.Security.Cryptography;

namespace OverlayImg.Sandbox.Ports;

/// <summary>
/// The line WAKE for a guest from a snapshot: the time, and random bytes from the host (vm-images/PROTOCOL.md, <c>WAKE</c>). Without new random
/// bytes, two guests of one snapshot would generate the same keys.
/// </summary>
internal static class WakeLine
{
    private const int EntropyBytes = 64;

    /// <summary>Creates a line with the current time and new random bytes.</summary>
    public static string New()
    {
        var ticks = DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks;
        var (seconds, rest) = Math.DivRem(ticks, TimeSpan.TicksPerSecond);
        var nanoseconds = rest * TimeSpan.NanosecondsPerTick;
        var entropy = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(EntropyBytes));
        return string.Create(CultureInfo.InvariantCulture, $"WAKE {seconds} {nanoseconds} {entropy}");
    }
}
