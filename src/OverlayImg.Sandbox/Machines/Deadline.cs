using System.Diagnostics;

namespace OverlayImg.Sandbox.Machines;

/// <summary>A time limit that several waits share. The limit begins with this object.</summary>
/// <param name="limit">The whole time.</param>
internal sealed class Deadline(TimeSpan limit)
{
    private readonly long _began = Stopwatch.GetTimestamp();

    /// <summary>The whole time.</summary>
    public TimeSpan Limit => limit;

    /// <summary>The time that is left; zero after the deadline.</summary>
    public TimeSpan Left => limit - Stopwatch.GetElapsedTime(_began) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;
}
