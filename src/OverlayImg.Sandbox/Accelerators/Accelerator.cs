namespace OverlayImg.Sandbox.Accelerators;

/// <summary>The means by which QEMU executes the guest's instructions.</summary>
public enum Accelerator
{
    /// <summary>The host's processor, through <c>/dev/kvm</c>.</summary>
    Kvm,

    /// <summary>QEMU's translator (TCG). Needs no support by the host, and is about 5 to 20 times slower than KVM.</summary>
    Tcg,
}

/// <summary>Names of the accelerators.</summary>
public static class AcceleratorNames
{
    /// <summary>The name in options and JSON: "kvm" or "tcg".</summary>
    public static string Name(this Accelerator accelerator) => accelerator is Accelerator.Kvm ? "kvm" : "tcg";

    /// <summary>The name in sentences: "KVM" or "TCG".</summary>
    internal static string DisplayName(this Accelerator accelerator) => accelerator is Accelerator.Kvm ? "KVM" : "TCG";
}
