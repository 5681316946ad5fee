using OverlayImg.Sandbox.Accelerators;

namespace OverlayImg.Sandbox;

/// <summary>What a guest is started with.</summary>
public sealed record GuestOptions
{
    /// <summary>What it boots.</summary>
    public required GuestImage Image { get; init; }

    /// <summary>A private directory of this run, for sockets; each guest makes its own below it and removes it.</summary>
    public required string ScratchPath { get; init; }

    /// <summary>Directory that the verdict on this machine's KVM is remembered in; null to remember nothing.</summary>
    public string? CachePath { get; init; }

    /// <summary>Directory that guests are saved in at READY, so that later ones start from there; null to boot each from the beginning.</summary>
    public string? SnapshotsPath { get; init; }

    /// <summary>
    /// Names the overlay of the job: jobs of one name have equal parents, and upper disks that are equal until a script runs, with nothing to be done before
    /// the overlay is mounted, and a script in the image. Then, under TCG, a guest is saved once more with it mounted, and later guests go on from there.
    /// Null for a job of its own.
    /// </summary>
    public string? Overlay { get; init; }

    /// <summary>What the guest runs on.</summary>
    public AcceleratorChoice Accelerator { get; init; } = AcceleratorChoice.Auto;

    /// <summary>Memory of the guest in MiB.</summary>
    public int MemoryMiB { get; init; } = 512;

    /// <summary>Number of processors of the guest.</summary>
    public int Cpus { get; init; } = 1;

    /// <summary>Whether the guest has a network (QEMU's user mode: what the host reaches, nothing can reach it).</summary>
    public bool Network { get; init; }

    /// <summary>
    /// How long a guest may take to become READY, whether it boots or was saved; null for 20 s on KVM and 300 s on TCG, and 20 s for a saved guest.
    /// </summary>
    public TimeSpan? BootTimeout { get; init; }

    /// <summary>QEMU to use: a path, or a name that is looked for on the <c>PATH</c>; null for <c>qemu-system-x86_64</c>.</summary>
    public string? Qemu { get; init; }

    /// <summary>
    /// How long a guest with a thread for each emulated processor may take to be READY before it boots again with one thread for all of them. QEMU 7.2 has
    /// left such boots standing still, rarely and for an unknown reason.
    /// </summary>
    internal TimeSpan ParallelBootTimeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>
    /// How long a guest that was saved may take to be READY again. The default is much less than that of a guest that boots: a saved guest that does not
    /// go on is dropped, and another one boots.
    /// </summary>
    internal TimeSpan RestoreTimeout => BootTimeout ?? TimeSpan.FromSeconds(20);

    internal TimeSpan BootTimeoutOn(Accelerator accelerator) =>
        BootTimeout ?? TimeSpan.FromSeconds(accelerator is Accelerators.Accelerator.Kvm ? 20 : 300);
}
