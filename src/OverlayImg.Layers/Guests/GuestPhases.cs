using OverlayImg.Images.Sessions;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Layers.Guests;

/// <summary>How long the parts of a run in a guest took.</summary>
internal static class GuestPhases
{
    private const string Restore = "restore";
    private const string Disks = "disks";

    // These are told of every run, of one without such a script too: who reads them need not ask whether they are there.
    private static readonly string[] Always = [Restore, Disks, "mount", "script", "unmount"];

    /// <summary>Those of a run that was not made, because its result was there: they took no time.</summary>
    public static IEnumerable<PhaseTime> None => Always.Select(name => new PhaseTime(name, TimeSpan.Zero));

    /// <summary>The time of all scripts of a run.</summary>
    public static TimeSpan ScriptTime(JobResult result) => result.Phases
        .Where(timing => timing.Phase is not (JobPhase.Disks or JobPhase.Mount or JobPhase.Unmount))
        .Aggregate(TimeSpan.Zero, (sum, timing) => sum + timing.Duration);

    /// <summary>
    /// <c>restore</c> (from the start of QEMU until the guest is READY, also where it boots; other work goes on beside it), <c>disks</c> (plugging and finding
    /// them), then the guest's own phases by their names in the protocol; hooks only where there are some.
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
