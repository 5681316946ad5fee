using System.Diagnostics;

namespace OverlayImg.Sandbox.Machines;

/// <summary>A time limit that several waits share. The time starts when the object is created.</summary>
/// <param name="limit">The whole time.</param>
internal sealed class Deadline(TimeSpan limit)
{
    private readonly long _began = Stopwatch.GetTimestamp();

    public TimeSpan Limit => limit;

    /// <summary>The remaining time; zero after the deadline.</summary>
    public TimeSpan Left => limit - Stopwatch.GetElapsedTime(_began) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;
}
