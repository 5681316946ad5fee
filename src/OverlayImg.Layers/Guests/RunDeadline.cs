using System.Diagnostics;
using System.Globalization;
using OverlayImg.Images.Sessions;
using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Settings;

namespace OverlayImg.Layers.Guests;

/// <summary>The deadline of a run: for preparation, scripts and packing together.</summary>
internal sealed class RunDeadline
{
    // The job's own timeout must come first, because its error has the last output of the scripts.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LeastTime = TimeSpan.FromMilliseconds(1);

    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly TimeSpan _timeout;

    private RunDeadline(TimeSpan timeout) => _timeout = timeout;

    /// <summary>The remaining time, at least one millisecond.</summary>
    public TimeSpan TimeLeft => _timeout - Stopwatch.GetElapsedTime(_start) is var left && left > LeastTime ? left : LeastTime;

    /// <summary>Runs <paramref name="run"/> with the deadline in the guest's settings, and cancels it at the deadline.</summary>
    /// <exception cref="GuestTimeoutException">The run exceeded the time limit.</exception>
    public static async Task<T> WithinAsync<T>(GuestSettings guest, Session session, Func<GuestSettings, Session, Task<T>> run)
    {
        if (guest.Timeout is not { } timeout) return await run(guest, session);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(session.CancellationToken);
        ending.CancelAfter(timeout + Grace);
        try
        {
            return await run(guest with { Deadline = new(timeout) }, session with { CancellationToken = ending.Token });
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested && !session.CancellationToken.IsCancellationRequested)
        {
            var seconds = timeout.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
            throw new GuestTimeoutException($"The run did not end within {seconds} s: preparing it or packing the layer took too long")
            {
                Advice = new("Allow the run more time.", GuestSetting.Timeout),
            };
        }
    }
}
