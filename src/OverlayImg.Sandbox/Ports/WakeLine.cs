using System.Globalization;
using System.Security.Cryptography;

namespace OverlayImg.Sandbox.Ports;

/// <summary>
/// What a guest is told before its job when others share its past: the time, and random bytes of the host's that nobody else gets
/// (vm-images/PROTOCOL.md, <c>WAKE</c>). Without them two guests of one snapshot would make the same keys.
/// </summary>
internal static class WakeLine
{
    private const int EntropyBytes = 64;

    /// <summary>A new line for the control port.</summary>
    public static string New()
    {
        var ticks = DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks;
        var (seconds, rest) = Math.DivRem(ticks, TimeSpan.TicksPerSecond);
        var nanoseconds = rest * TimeSpan.NanosecondsPerTick;
        var entropy = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(EntropyBytes));
        return string.Create(CultureInfo.InvariantCulture, $"WAKE {seconds} {nanoseconds} {entropy}");
    }
}
