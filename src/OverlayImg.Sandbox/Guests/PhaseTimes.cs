using System.Diagnostics;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Sandbox.Guests;

/// <summary>When the phases of a job began and ended, by the host's clock.</summary>
/// <param name="progress">Is told when one begins; may be null.</param>
internal sealed class PhaseTimes(IProgress<GuestProgress>? progress)
{
    private const int MaximumCount = 16;

    private readonly List<(JobPhase Phase, long Began, long? Ended)> _phases = [];

    /// <summary>Time for plugging the disks, before the guest heard of them.</summary>
    public TimeSpan Plugging { get; set; }

    /// <summary>" (phase 'script')": for a message about a job that was cut short.</summary>
    public string WhereItWas => _phases.Count == 0 ? "" : $" (phase '{_phases[^1].Phase.Name()}')";

    /// <summary>How long each took, in the order in which they came.</summary>
    public IReadOnlyList<PhaseTiming> Timings =>
        [.. _phases.Select(phase => new PhaseTiming(phase.Phase, Stopwatch.GetElapsedTime(phase.Began, phase.Ended ?? Stopwatch.GetTimestamp())))];

    /// <summary>A phase begins; the one before has ended. False where the guest has told of more than a job can have.</summary>
    public bool TryBegin(JobPhase phase)
    {
        if (_phases.Count == MaximumCount) return false;
        End();
        _phases.Add((phase, Stopwatch.GetTimestamp(), null));
        progress?.Report(new GuestProgress.PhaseBegan(phase));
        return true;
    }

    /// <summary>The phase that lasts has ended.</summary>
    public void End()
    {
        if (_phases is [.., { Ended: null } last]) _phases[^1] = last with { Ended = Stopwatch.GetTimestamp() };
    }
}
