namespace OverlayImg.Sandbox.Accelerators;

/// <summary>Which accelerator this machine is fit for.</summary>
/// <param name="Accelerator">The one to use.</param>
/// <param name="Reason">Why it is not KVM: a sentence without its full stop; empty where it is.</param>
internal sealed record AcceleratorVerdict(Accelerator Accelerator, string Reason);
