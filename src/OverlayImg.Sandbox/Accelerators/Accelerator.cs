namespace OverlayImg.Sandbox.Accelerators;

/// <summary>What executes the guest's instructions.</summary>
public enum Accelerator
{
    /// <summary>The host's processor, by <c>/dev/kvm</c>.</summary>
    Kvm,

    /// <summary>QEMU's translator. Needs nothing of the host, and takes about 5 to 20 times as long.</summary>
    Tcg,
}
