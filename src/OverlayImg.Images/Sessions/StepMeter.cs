namespace OverlayImg.Images.Sessions;

/// <summary>Tells how far a step is, from whatever threads do it, a few hundred times at most.</summary>
/// <param name="text">What the step is called.</param>
/// <param name="total">Bytes to do.</param>
/// <param name="progress">Is told.</param>
internal sealed class StepMeter(string text, long total, IProgress<BuildEvent> progress) : IProgress<int>
{
    private readonly long _stride = Math.Max(1, total / 200);
    private long _done;

    /// <summary>So many bytes more are done.</summary>
    public void Report(int value)
    {
        var done = Interlocked.Add(ref _done, value);
        if (total > 0 && done / _stride != (done - value) / _stride) progress.Report(new StepProgress(text, Math.Min(done, total), total));
    }
}
