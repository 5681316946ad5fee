using System.Diagnostics;
using System.Globalization;
using OverlayImg.Images.Sessions;
using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Settings;

namespace OverlayImg.Layers.Guests;

/// <summary>The time by which a run must have ended: preparation, scripts and packing together.</summary>
internal sealed class RunDeadline
{
    // The job's own timeout comes first: its error has the end of the scripts' output.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LeastTime = TimeSpan.FromMilliseconds(1);

    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly TimeSpan _timeout;

    private RunDeadline(TimeSpan timeout) => _timeout = timeout;

    /// <summary>The time that is left; never less than a millisecond.</summary>
    public TimeSpan TimeLeft => _timeout - Stopwatch.GetElapsedTime(_start) is var left && left > LeastTime ? left : LeastTime;

    /// <summary>Runs <paramref name="run"/>, which gets the guest's settings with the deadline, and cancels it when its time is over.</summary>
    /// <exception cref="GuestTimeoutException">The run took too long.</exception>
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
                Advice = new("Give it longer.", GuestSetting.Timeout),
            };
        }
    }
}
