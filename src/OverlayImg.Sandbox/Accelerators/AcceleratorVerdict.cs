namespace OverlayImg.Sandbox.Accelerators;

/// <summary>The accelerator that works on this machine.</summary>
/// <param name="Accelerator">The accelerator to use.</param>
/// <param name="Reason">Why KVM is not used: a sentence without its full stop. Empty for KVM.</param>
internal sealed record AcceleratorVerdict(Accelerator Accelerator, string Reason);
