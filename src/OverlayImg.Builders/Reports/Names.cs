using OverlayImg.Sandbox.Accelerators;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Builders;

/// <summary>What reports and JSON call things; part of the contract with users.</summary>
public static class Names
{
    /// <summary>"kvm" or "tcg".</summary>
    public static string Name(this Accelerator accelerator) => accelerator is Accelerator.Kvm ? "kvm" : "tcg";

    /// <summary>A phase as the guest calls it (vm-images/PROTOCOL.md): "pre-mount".</summary>
    public static string Name(this JobPhase phase) => phase switch
    {
        JobPhase.Disks => "disks",
        JobPhase.Mount => "mount",
        JobPhase.PreMount => "pre-mount",
        JobPhase.Script => "script",
        JobPhase.PostMount => "post-mount",
        JobPhase.Unmount => "unmount",
        JobPhase.ExtraCommands => "extra-commands",
        JobPhase.PostUmount => "post-umount",
        _ => throw new ArgumentOutOfRangeException(nameof(phase), phase, null),
    };
}
