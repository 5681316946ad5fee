namespace OverlayImg.Sandbox.Accelerators;

/// <summary>What came of trying an accelerator with a guest.</summary>
/// <param name="Accelerator">Which.</param>
/// <param name="Works">Whether a guest became READY on it.</param>
/// <param name="Explanation">What was seen, as a sentence without its full stop.</param>
public sealed record AcceleratorReport(Accelerator Accelerator, bool Works, string Explanation)
{
    /// <summary>How long the guest took to become READY; null when it did not.</summary>
    public TimeSpan? TimeToReady { get; init; }

    /// <summary>Version of QEMU: "7.2.22"; null when the guest did not become READY.</summary>
    public string? QemuVersion { get; init; }

    /// <summary>How many times as long as this machine the guest takes for the same work; null where that was not measured.</summary>
    public double? Slowdown { get; init; }
}
