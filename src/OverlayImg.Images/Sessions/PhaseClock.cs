using System.Diagnostics;

namespace OverlayImg.Images.Sessions;

/// <summary>Measures the durations of a run's phases.</summary>
internal sealed class PhaseClock
{
    private readonly List<PhaseTime> _phases = [];
    private long _last = Stopwatch.GetTimestamp();

    /// <summary>The recorded phases in the order of their first record. Names are distinct.</summary>
    public IReadOnlyList<PhaseTime> Phases => _phases;

    /// <summary>Records the phase that lasted from the previous record until now.</summary>
    public void Record(string name) => Record(name, Stopwatch.GetElapsedTime(_last));

    /// <summary>Sets the begin of the next phase to a timestamp of <see cref="Stopwatch"/>.</summary>
    public void Begin(long timestamp) => _last = timestamp;

    /// <summary>Records a phase that ends now, with a duration measured by the caller. Durations of the same name are added up.</summary>
    public void Record(string name, TimeSpan duration)
    {
        var index = _phases.FindIndex(phase => phase.Name == name);
        if (index < 0) _phases.Add(new(name, duration));
        else _phases[index] = new(name, _phases[index].Duration + duration);
        _last = Stopwatch.GetTimestamp();
    }
}

/// <summary>The name and the total duration of a phase.</summary>
public sealed record PhaseTime(string Name, TimeSpan Duration);
