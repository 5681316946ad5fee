using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Guests;
using OverlayImg.Sandbox.Errors;

namespace OverlayImg.Builders.Tests.OverlayRuns;

/// <summary>The timeout covers the whole run: work before and after the guest is cancelled, too.</summary>
public sealed class RunDeadlineTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Packing_that_takes_too_long_is_a_timeout()
    {
        var guest = new GuestSettings { Timeout = TimeSpan.FromMilliseconds(10) };
        var outer = SessionOf(Cancellation);
        var exception = await Assert.ThrowsAsync<GuestTimeoutException>(() => RunDeadline.WithinAsync(guest, outer, async (_, session) =>
        {
            await Task.Delay(Timeout.Infinite, session.CancellationToken);
            return 0;
        }));
        Assert.StartsWith("The run did not end within 0.01 s", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_job_gets_the_remaining_time()
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

    // Nothing is opened, so the lifetime needs no disposal.
    private static Session SessionOf(CancellationToken cancellationToken) => TestSession.Of(new(), "/nowhere", null, cancellationToken);
}
