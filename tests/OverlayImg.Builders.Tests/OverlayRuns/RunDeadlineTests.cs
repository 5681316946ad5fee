using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Guests;
using OverlayImg.Sandbox.Errors;

namespace OverlayImg.Builders.Tests.OverlayRuns;

/// <summary>The timeout is that of the whole run: what comes before and after the guest is cancelled, too.</summary>
public sealed class RunDeadlineTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Packing_that_takes_too_long_is_a_timeout()
    {
        var guest = new GuestSettings { Timeout = TimeSpan.FromMilliseconds(10) };
        var exception = await Assert.ThrowsAsync<GuestTimeoutException>(() => RunDeadline.WithinAsync(guest, SessionOf(Cancellation), async (_, session) =>
        {
            await Task.Delay(Timeout.Infinite, session.CancellationToken);
            return 0;
        }));
        Assert.StartsWith("The run did not end within 0.01 s", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_job_gets_the_time_that_is_left()
    {
        var guest = new GuestSettings { Timeout = TimeSpan.FromHours(1) };
        var left = await RunDeadline.WithinAsync(guest, SessionOf(Cancellation), async (settings, session) =>
        {
            await Task.Delay(20, session.CancellationToken);
            return settings.Deadline!.TimeLeft;
        });
        Assert.InRange(left, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1) - TimeSpan.FromMilliseconds(15));
    }

    [Fact]
    public async Task An_interruption_is_no_timeout()
    {
        using var ending = new CancellationTokenSource();
        var run = RunDeadline.WithinAsync(new() { Timeout = TimeSpan.FromHours(1) }, SessionOf(ending.Token), async (_, session) =>
        {
            await ending.CancelAsync();
            await Task.Delay(Timeout.Infinite, session.CancellationToken);
            return 0;
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public async Task Without_a_timeout_there_is_no_deadline() =>
        Assert.Null(await RunDeadline.WithinAsync(new(), SessionOf(Cancellation), (settings, _) => Task.FromResult(settings.Deadline)));

    // Nothing is opened, so nothing is to be closed.
    private static Session SessionOf(CancellationToken cancellationToken) => TestSession.Of(new(), "/nowhere", null, cancellationToken);
}
