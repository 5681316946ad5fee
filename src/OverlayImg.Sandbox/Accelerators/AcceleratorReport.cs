namespace OverlayImg.Sandbox.Accelerators;

/// <summary>The result of trying an accelerator with a guest.</summary>
/// <param name="Accelerator">The accelerator.</param>
/// <param name="Works">Whether a guest became READY on it.</param>
/// <param name="Explanation">The observation behind <paramref name="Works"/>: a sentence without its full stop.</param>
public sealed record AcceleratorReport(Accelerator Accelerator, bool Works, string Explanation)
{
    /// <summary>Time from the start of QEMU to READY; null if the guest did not become READY.</summary>
    public TimeSpan? TimeToReady { get; init; }

    /// <summary>Version of QEMU: "7.2.22"; null if the guest did not become READY.</summary>
    public string? QemuVersion { get; init; }

    /// <summary>The guest's time for a fixed amount of work, divided by the host's time for the same work; null if not measured.</summary>
    public double? Slowdown { get; init; }
}
