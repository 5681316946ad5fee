using OverlayImg.Sandbox.Qemu;

namespace OverlayImg.Sandbox.Machines;

/// <summary>The settings of a guest, and the QEMU and its arguments that follow from them.</summary>
internal sealed record MachineSettings(QemuProgram Program, QemuCommandLine CommandLine, GuestOptions Options)
{
    /// <summary>How long a guest may take to boot.</summary>
    public TimeSpan BootTimeout => Options.BootTimeout
        ?? (CommandLine.IsParallel ? Options.ParallelBootTimeout : Options.BootTimeoutOn(CommandLine.Accelerator));

    /// <summary>How long a guest from a snapshot may take to become READY after it is resumed.</summary>
    public TimeSpan WakeTimeout => Options.RestoreTimeout;
}
