using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Builders;

/// <summary>How long the parts of a run in a guest took.</summary>
internal static class GuestPhases
{
    // These are told of every run, of one without such a script too: who reads them need not ask whether they are there.
    private static readonly JobPhase[] Always = [JobPhase.Disks, JobPhase.Mount, JobPhase.Script, JobPhase.Unmount];

    /// <summary>Those of a run that was not made, because its result was there: they took no time.</summary>
    public static IEnumerable<PhaseTime> None => Always.Select(phase => new PhaseTime(new PhaseTiming(phase, default).Name, default))
        .Prepend(new("restore", default));

    /// <summary>
    /// <c>restore</c> (from the start of QEMU until the guest is READY, also where it boots; other work goes on beside it), <c>disks</c> (plugging and finding
    /// them), then the guest's own phases by their names in the protocol; hooks only where there are some.
    /// </summary>
    public static IEnumerable<PhaseTime> Of(TimeSpan timeToReady, JobResult result)
    {
        yield return new("restore", timeToReady);
        foreach (var phase in Enum.GetValues<JobPhase>())
        {
            var took = result.Phases.Where(timing => timing.Phase == phase).Select(timing => timing.Duration).ToArray();
            if (took.Length == 0 && !Always.Contains(phase)) continue;
            var inGuest = took.Aggregate(TimeSpan.Zero, (sum, duration) => sum + duration);
            var timing = new PhaseTiming(phase, phase == JobPhase.Disks ? result.PluggingTime + inGuest : inGuest);
            yield return new(timing.Name, timing.Duration);
        }
    }
}
