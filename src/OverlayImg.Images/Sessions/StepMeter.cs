namespace OverlayImg.Images.Sessions;

/// <summary>
/// Counts the bytes of a step, and reports a <see cref="StepProgress"/> for each part of 1/200, or of 1 MiB if that is less. Thread-safe.
/// </summary>
internal sealed class StepMeter(string text, long total, IProgress<BuildEvent> progress) : IProgress<int>
{
    // A part of a large step would take seconds on a slow network.
    private readonly long _stride = Math.Clamp(total / 200, 1, 1 << 20);
    private long _done;

    /// <summary>Adds bytes to the count. A negative number takes bytes back.</summary>
    public void Report(int value)
    {
        var done = Interlocked.Add(ref _done, value);
        if (total > 0 && done / _stride != (done - value) / _stride) progress.Report(new StepProgress(text, Math.Min(done, total), total));
    }
}
