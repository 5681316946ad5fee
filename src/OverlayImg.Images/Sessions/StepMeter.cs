namespace OverlayImg.Images.Sessions;

/// <summary>Counts the bytes of a step and reports at most about 200 <see cref="StepProgress"/> events. Thread-safe.</summary>
internal sealed class StepMeter(string text, long total, IProgress<BuildEvent> progress) : IProgress<int>
{
    private readonly long _stride = Math.Max(1, total / 200);
    private long _done;

    /// <summary>Adds bytes to the count. A negative number takes bytes back.</summary>
    public void Report(int value)
    {
        var done = Interlocked.Add(ref _done, value);
        if (total > 0 && done / _stride != (done - value) / _stride) progress.Report(new StepProgress(text, Math.Min(done, total), total));
    }
}
