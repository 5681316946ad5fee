namespace OverlayImg.Sandbox;

/// <summary>What came of trying an accelerator with a guest.</summary>
/// <param name="Accelerator">Which.</param>
/// <param name="Works">Whether a guest became READY on it.</param>
/// <param name="Explanation">What was seen, as a sentence without its full stop.</param>
/// <param name="TimeToReady">How long the guest took; null when it did not become READY.</param>
/// <param name="QemuVersion">Version of QEMU: "7.2.22"; null when it did not become READY.</param>
public sealed record AcceleratorReport(Accelerator Accelerator, bool Works, string Explanation, TimeSpan? TimeToReady, string? QemuVersion);
