using OverlayImg.Sandbox.Accelerators;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Sandbox;

/// <summary>What happens to a guest, for whoever watches.</summary>
public abstract record GuestProgress
{
    private GuestProgress()
    {
    }

    /// <summary>Something that the user should know though all goes well: a whole sentence without its full stop.</summary>
    /// <param name="Text">The sentence.</param>
    public sealed record Notice(string Text) : GuestProgress;

    /// <summary>Something about the result that the user should know: a whole sentence with its full stop.</summary>
    /// <param name="Text">The sentence.</param>
    public sealed record Warning(string Text) : GuestProgress;

    /// <summary>A guest begins to boot.</summary>
    /// <param name="Accelerator">What it runs on.</param>
    public sealed record Booting(Accelerator Accelerator) : GuestProgress;

    /// <summary>The guest waits for its job.</summary>
    /// <param name="Accelerator">What it runs on.</param>
    /// <param name="TimeToReady">Time since QEMU was started.</param>
    public sealed record Ready(Accelerator Accelerator, TimeSpan TimeToReady) : GuestProgress;

    /// <summary>A phase of the job begins.</summary>
    /// <param name="Phase">Which.</param>
    public sealed record PhaseBegan(JobPhase Phase) : GuestProgress;
}
