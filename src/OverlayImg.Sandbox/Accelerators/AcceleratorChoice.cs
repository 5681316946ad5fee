namespace OverlayImg.Sandbox.Accelerators;

/// <summary>The accelerator that the user asks for.</summary>
public enum AcceleratorChoice
{
    /// <summary>KVM if a guest becomes READY on KVM, else TCG.</summary>
    Auto,

    /// <summary>KVM. A machine without working KVM is an error.</summary>
    Kvm,

    /// <summary>TCG; KVM is not tried.</summary>
    Tcg,
}
