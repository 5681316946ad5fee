namespace OverlayImg.Sandbox.Accelerators;

/// <summary>What executes the guest's instructions.</summary>
public enum Accelerator
{
    /// <summary>The host's processor, by <c>/dev/kvm</c>.</summary>
    Kvm,

    /// <summary>QEMU's translator. Needs nothing of the host, and takes about 5 to 20 times as long.</summary>
    Tcg,
}

/// <summary>What to call an accelerator.</summary>
public static class AcceleratorNames
{
    /// <summary>As options and JSON have it: "kvm", "tcg".</summary>
    public static string Name(this Accelerator accelerator) => accelerator is Accelerator.Kvm ? "kvm" : "tcg";

    /// <summary>As people write it: "KVM", "TCG".</summary>
    internal static string DisplayName(this Accelerator accelerator) => accelerator is Accelerator.Kvm ? "KVM" : "TCG";
}
