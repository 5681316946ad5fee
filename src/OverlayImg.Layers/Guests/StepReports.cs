using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Scripts;
using OverlayImg.Sandbox;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Layers.Guests;

/// <summary>Tells the user which of several steps begins, and forwards everything else.</summary>
internal sealed class StepReports(IReadOnlyList<Script> steps, IProgress<GuestProgress> others, Session session) : IProgress<GuestProgress>
{
    private int _begun;

    /// <inheritdoc/>
    public void Report(GuestProgress value)
    {
        if (value is GuestProgress.PhaseBegan { Phase: JobPhase.Script } && steps.Count > 1 && _begun < steps.Count)
        {
            var name = steps[_begun].Name;
            session.Step($"Running step {++_begun} of {steps.Count}: {FailedCommand.OneLine(name)}");
        }

        others.Report(value);
    }
}
