using OverlayImg.Images.Sessions;
using OverlayImg.Sandbox;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Layers.Guests;

/// <summary>Tells the user which of several steps begins, and forwards everything else.</summary>
internal sealed class StepReports(RunScripts scripts, IProgress<GuestProgress> others, Session session) : IProgress<GuestProgress>
{
    private readonly StepRange _part = scripts.Part ?? new(1, scripts.Steps.Count);
    private int _begun;

    /// <inheritdoc/>
    public void Report(GuestProgress value)
    {
        if (value is GuestProgress.PhaseBegan { Phase: JobPhase.Script } && _part.Count > 1 && _begun < scripts.Steps.Count)
        {
            var name = scripts.Steps[_begun].Name;
            session.Step($"Running step {_part.First + _begun++} of {_part.Count}: {FailedCommand.OneLine(name)}");
        }

        others.Report(value);
    }
}
