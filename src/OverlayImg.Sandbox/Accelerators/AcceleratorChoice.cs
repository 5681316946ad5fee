namespace OverlayImg.Sandbox.Accelerators;

/// <summary>Which accelerator the user asked for.</summary>
public enum AcceleratorChoice
{
    /// <summary>KVM where a guest really becomes READY on it, else TCG.</summary>
    Auto,

    /// <summary>KVM or an error.</summary>
    Kvm,

    /// <summary>TCG; KVM is not tried.</summary>
    Tcg,
}
