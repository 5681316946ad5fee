using System.Diagnostics;

namespace OverlayImg.Builders;

/// <summary>Takes the time of a run's phases.</summary>
internal sealed class PhaseClock
{
    private readonly List<PhaseTime> _phases = [];
    private long _last = Stopwatch.GetTimestamp();

    /// <summary>The phases so far, in order.</summary>
    public IReadOnlyList<PhaseTime> Phases => _phases;

    /// <summary>The time since the last phase was recorded was <paramref name="name"/>'s.</summary>
    public void Record(string name) => Record(name, Stopwatch.GetElapsedTime(_last));

    /// <summary>The phase that is recorded next began at <paramref name="timestamp"/>, as <see cref="Stopwatch"/> counts.</summary>
    public void Begin(long timestamp) => _last = timestamp;

    /// <summary>A phase that somebody else timed ends now.</summary>
    public void Record(string name, TimeSpan duration)
    {
        _phases.Add(new(name, duration));
        _last = Stopwatch.GetTimestamp();
    }
}
