using OverlayImg.Sandbox;

namespace OverlayImg.Builders.Tests.OverlayRuns;

/// <summary>The timeout is that of the whole run: what comes before and after the guest is cancelled, too.</summary>
public sealed class RunDeadlineTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Packing_that_takes_too_long_is_a_timeout()
    {
        var guest = new GuestSettings { Timeout = TimeSpan.FromMilliseconds(10) };
        var exception = await Assert.ThrowsAsync<GuestTimeoutException>(() => RunDeadline.WithinAsync(guest, async (_, token) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            return 0;
        }, Cancellation));
        Assert.StartsWith("The run did not end within 0.01 s", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_job_gets_the_time_that_is_left()
    {
        var guest = new GuestSettings { Timeout = TimeSpan.FromHours(1) };
        var left = await RunDeadline.WithinAsync(guest, async (settings, token) =>
        {
            await Task.Delay(20, token);
            return settings.Deadline!.TimeLeft;
        }, Cancellation);
        Assert.InRange(left, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1) - TimeSpan.FromMilliseconds(15));
    }

    [Fact]
    public async Task An_interruption_is_no_timeout()
    {
        using var ending = new CancellationTokenSource();
        var run = RunDeadline.WithinAsync(new() { Timeout = TimeSpan.FromHours(1) }, async (_, token) =>
        {
            await ending.CancelAsync();
            await Task.Delay(Timeout.Infinite, token);
            return 0;
        }, ending.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public async Task Without_a_timeout_there_is_no_deadline() =>
        Assert.Null(await RunDeadline.WithinAsync(new(), (settings, _) => Task.FromResult(settings.Deadline), Cancellation));
}
