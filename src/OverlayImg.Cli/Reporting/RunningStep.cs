namespace OverlayImg.Cli.Reporting;

/// <summary>A step that runs: its time, its bytes, and the last line of its script.</summary>
/// <param name="text">The text of the step.</param>
/// <param name="time">The clock.</param>
internal sealed class RunningStep(string text, TimeProvider time)
{
    // The rate is that of the last seconds, so that it follows a network that becomes faster or slower.
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SampleDistance = TimeSpan.FromMilliseconds(200);

    // A rate of a shorter time says little.
    private static readonly TimeSpan ShortestRate = TimeSpan.FromSeconds(1);

    private readonly long _began = time.GetTimestamp();
    private readonly Queue<(long At, long Done)> _samples = new([(time.GetTimestamp(), 0)]);
    private long _lastSample = time.GetTimestamp();

    /// <summary>The text of the step.</summary>
    public string Text { get; } = text;

    /// <summary>The number of bytes done.</summary>
    public long Done { get; private set; }

    /// <summary>The number of bytes of the step; 0 if the step has no length.</summary>
    public long Total { get; private set; }

    /// <summary>The last line that the step's script printed; empty for none.</summary>
    public string LastLine { get; set; } = "";

    /// <summary>The time since the step began.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(_began);

    /// <summary>Bytes per second; null until a rate is known.</summary>
    public double? Rate
    {
        get
        {
            while (_samples.Count > 1 && time.GetElapsedTime(_samples.ElementAt(1).At) >= Window) _samples.Dequeue();
            var (at, done) = _samples.Peek();
            return Elapsed >= ShortestRate && Done > done ? (Done - done) / time.GetElapsedTime(at).TotalSeconds : null;
        }
    }

    /// <summary>The time left at the current rate; null if it is not known.</summary>
    public TimeSpan? TimeLeft => Rate is { } rate && (Total - Done) / rate is var seconds && seconds < TimeSpan.FromDays(10).TotalSeconds
        ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>Sets the number of bytes done.</summary>
    public void Advance(long done, long total)
    {
        (Done, Total) = (done, total);
        if (time.GetElapsedTime(_lastSample) < SampleDistance) return;
        _lastSample = time.GetTimestamp();
        _samples.Enqueue((_lastSample, done));
    }
}
