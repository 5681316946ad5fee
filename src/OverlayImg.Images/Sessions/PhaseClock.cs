using System.Diagnostics;

namespace OverlayImg.Images.Sessions;

/// <summary>Takes the time of a run's phases.</summary>
internal sealed class PhaseClock
{
    private readonly List<PhaseTime> _phases = [];
    private long _last = Stopwatch.GetTimestamp();

    /// <summary>The phases so far, in the order in which they first came. Each name stands once.</summary>
    public IReadOnlyList<PhaseTime> Phases => _phases;

    /// <summary>The time since the last phase was recorded was <paramref name="name"/>'s.</summary>
    public void Record(string name) => Record(name, Stopwatch.GetElapsedTime(_last));

    /// <summary>The phase that is recorded next began at <paramref name="timestamp"/>, as <see cref="Stopwatch"/> counts.</summary>
    public void Begin(long timestamp) => _last = timestamp;

    /// <summary>A phase that somebody else timed ends now. The durations of one name add up.</summary>
    public void Record(string name, TimeSpan duration)
    {
        var index = _phases.FindIndex(phase => phase.Name == name);
        if (index < 0) _phases.Add(new(name, duration));
        else _phases[index] = new(name, _phases[index].Duration + duration);
        _last = Stopwatch.GetTimestamp();
    }
}

/// <summary>How long a phase took.</summary>
public sealed record PhaseTime(string Name, TimeSpan Duration);
