using OverlayImg.Sandbox.Accelerators;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Sandbox;

/// <summary>An event in the life of a guest, for progress reports.</summary>
public abstract record GuestProgress
{
    private GuestProgress()
    {
    }

    /// <summary>Information for the user that is no problem: a sentence without its full stop.</summary>
    /// <param name="Text">The sentence.</param>
    public sealed record Notice(string Text) : GuestProgress;

    /// <summary>A warning about the result: a sentence with its full stop.</summary>
    /// <param name="Text">The sentence.</param>
    public sealed record Warning(string Text) : GuestProgress;

    /// <summary>A guest begins to boot.</summary>
    /// <param name="Accelerator">The accelerator of the guest.</param>
    public sealed record Booting(Accelerator Accelerator) : GuestProgress;

    /// <summary>The guest waits for its job.</summary>
    /// <param name="Accelerator">The accelerator of the guest.</param>
    /// <param name="TimeToReady">Time since QEMU was started.</param>
    public sealed record Ready(Accelerator Accelerator, TimeSpan TimeToReady) : GuestProgress;

    /// <summary>A phase of the job begins.</summary>
    /// <param name="Phase">The phase.</param>
    public sealed record PhaseBegan(JobPhase Phase) : GuestProgress;
}
