using OverlayImg.Sandbox.Qemu;

namespace OverlayImg.Sandbox.Machines;

/// <summary>The settings of a guest, with the QEMU and the arguments that were chosen for them.</summary>
/// <param name="Program">QEMU.</param>
/// <param name="CommandLine">The arguments of QEMU.</param>
/// <param name="Options">The settings of the guest.</param>
internal sealed record MachineSettings(QemuProgram Program, QemuCommandLine CommandLine, GuestOptions Options)
{
    /// <summary>How long a guest may take to boot.</summary>
    public TimeSpan BootTimeout => Options.BootTimeout
        ?? (CommandLine.IsParallel ? Options.ParallelBootTimeout : Options.BootTimeoutOn(CommandLine.Accelerator));

    /// <summary>How long a paused guest may take to be READY again.</summary>
    public TimeSpan WakeTimeout => Options.RestoreTimeout;
}
