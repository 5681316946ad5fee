using OverlayImg.Images.Sessions;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Layers.Guests;

/// <summary>The durations of the phases of a run in a guest.</summary>
internal static class GuestPhases
{
    private const string Restore = "restore";
    private const string Disks = "disks";

    // Every run reports these phases, even if it has no such script, so that readers of the report need not look for missing ones.
    private static readonly string[] Always = [Restore, Disks, "mount", "script", "unmount"];

    /// <summary>The phases of a run whose result was reused, all with duration zero.</summary>
    public static IEnumerable<PhaseTime> None => Always.Select(name => new PhaseTime(name, TimeSpan.Zero));

    /// <summary>Returns the total duration of a run's scripts.</summary>
    public static TimeSpan ScriptTime(JobResult result) => result.Phases
        .Where(timing => timing.Phase is not (JobPhase.Disks or JobPhase.Mount or JobPhase.Unmount))
        .Aggregate(TimeSpan.Zero, (sum, timing) => sum + timing.Duration);

    /// <summary>
    /// Returns <c>restore</c> (from the start of QEMU until the guest is READY, for a cold start, too; other work runs
    /// meanwhile), <c>disks</c> (plugging in and finding the disks), and the guest's phases by their names in the
    /// protocol. Phases of hooks are included only if the run has hooks.
    /// </summary>
    public static IEnumerable<PhaseTime> Of(TimeSpan timeToReady, JobResult result)
    {
        yield return new(Restore, timeToReady);
        foreach (var phase in Enum.GetValues<JobPhase>())
        {
            var name = new PhaseTiming(phase, default).Name;
            var took = result.Phases.Where(timing => timing.Phase == phase).Select(timing => timing.Duration).ToArray();
            if (took.Length == 0 && !Always.Contains(name)) continue;
            yield return new(name, took.Aggregate(name == Disks ? result.PluggingTime : TimeSpan.Zero, (sum, duration) => sum + duration));
        }
    }
}
