using OverlayImg.Sandbox.Accelerators;

namespace OverlayImg.Sandbox;

/// <summary>Settings for starting a guest.</summary>
public sealed record GuestOptions
{
    /// <summary>The kernel and the initramfs to boot.</summary>
    public required GuestImage Image { get; init; }

    /// <summary>A private directory of this run. Each guest creates a subdirectory for its sockets and removes it at its end.</summary>
    public required string ScratchPath { get; init; }

    /// <summary>Directory in which the result of trying KVM on this machine is remembered; null to remember nothing.</summary>
    public string? CachePath { get; init; }

    /// <summary>
    /// Directory for snapshots of guests. A guest that boots is saved there, and later guests start from the snapshot. Null to boot every guest.
    /// </summary>
    public string? SnapshotsPath { get; init; }

    /// <summary>
    /// Key of the job's overlay, or null for a job that shares its overlay with no other. Jobs with the same key have the same parent layers and
    /// upper disks that are equal until the first script runs. They have no pre-mount hook, and they have a script in the image. Under TCG, a guest
    /// with this overlay mounted is saved, and later guests start from that snapshot.
    /// </summary>
    public string? Overlay { get; init; }

    /// <summary>The accelerator that the user asked for.</summary>
    public AcceleratorChoice Accelerator { get; init; } = AcceleratorChoice.Auto;

    /// <summary>Memory of the guest in MiB.</summary>
    public int MemoryMiB { get; init; } = 512;

    /// <summary>Number of processors of the guest.</summary>
    public int Cpus { get; init; } = 1;

    /// <summary>
    /// Whether the guest has a network card on QEMU's user-mode network. The guest reaches what the host reaches; nothing reaches the guest.
    /// </summary>
    public bool Network { get; init; }

    /// <summary>
    /// How long a guest may take to become READY, by booting or from a snapshot. Null for the defaults: 20 s for a boot on KVM, 300 s for a boot on
    /// TCG, 20 s from a snapshot.
    /// </summary>
    public TimeSpan? BootTimeout { get; init; }

    /// <summary>QEMU's executable: a path, or a name that is searched on the <c>PATH</c>; null for <c>qemu-system-x86_64</c>.</summary>
    public string? Qemu { get; init; }

    /// <summary>
    /// How long a guest with one host thread per emulated processor may take to become READY. After that time another guest boots with one host
    /// thread for all processors. Such boots have hung under QEMU 7.2, rarely and for an unknown reason.
    /// </summary>
    internal TimeSpan ParallelBootTimeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>
    /// How long a guest from a snapshot may take to become READY. The default is much shorter than for a boot: the snapshot of a guest that does not
    /// resume is dropped, and another guest boots.
    /// </summary>
    internal TimeSpan RestoreTimeout => BootTimeout ?? TimeSpan.FromSeconds(20);

    internal TimeSpan BootTimeoutOn(Accelerator accelerator) =>
        BootTimeout ?? TimeSpan.FromSeconds(accelerator is Accelerators.Accelerator.Kvm ? 20 : 300);
}
