using System.Diagnostics;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Sandbox.Guests;

/// <summary>Measures the phases of a job by the host's clock.</summary>
/// <param name="steps">Number of the job's steps.</param>
/// <param name="progress">Receives the event that a phase begins; may be null.</param>
internal sealed class PhaseTimes(int steps, IProgress<GuestProgress>? progress)
{
    private const int MaximumCountWithoutSteps = 16;

    private readonly List<(JobPhase Phase, long Began, long? Ended)> _phases = [];

    /// <summary>Time for attaching the disks, before the guest was told about them.</summary>
    public TimeSpan Plugging { get; set; }

    /// <summary>" (phase 'script')", for a message about a job that was cut short; empty before the first phase.</summary>
    public string PhaseSuffix => _phases.Count == 0 ? "" : $" (phase '{_phases[^1].Phase.Name()}')";

    /// <summary>The durations of the phases, in their order.</summary>
    public IReadOnlyList<PhaseTiming> Timings =>
        [.. _phases.Select(phase => new PhaseTiming(phase.Phase, Stopwatch.GetElapsedTime(phase.Began, phase.Ended ?? Stopwatch.GetTimestamp())))];

    /// <summary>Ends the current phase and begins another. Returns false if the guest has reported more phases than a job can have.</summary>
    public bool TryBegin(JobPhase phase)
    {
        if (_phases.Count == MaximumCountWithoutSteps + steps) return false;
        End();
        _phases.Add((phase, Stopwatch.GetTimestamp(), null));
        progress?.Report(new GuestProgress.PhaseBegan(phase));
        return true;
    }

    /// <summary>Ends the current phase.</summary>
    public void End()
    {
        if (_phases is [.., { Ended: null } last]) _phases[^1] = last with { Ended = Stopwatch.GetTimestamp() };
    }
}
