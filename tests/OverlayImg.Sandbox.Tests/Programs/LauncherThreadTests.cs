using OverlayImg.Sandbox.Programs;

namespace OverlayImg.Sandbox.Tests.Programs;

/// <summary>The thread that starts programs is free again when a program has started.</summary>
public sealed class LauncherThreadTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A caller that blocks its thread must not block the start of other programs.</summary>
    [Fact]
    public async Task A_caller_that_blocks_after_a_start_does_not_block_the_next_start()
    {
        using var isBlocked = new ManualResetEventSlim();
        using var goesOn = new ManualResetEventSlim();
        // A thread of the pool has no synchronization context, as in the installed tool.
        var first = Task.Run(
            async () =>
            {
                // The start takes long enough that its task ends after the await has begun.
                await LauncherThread.RunAsync(() => SpinWait.SpinUntil(() => false, TimeSpan.FromMilliseconds(100)));
                isBlocked.Set();
                goesOn.Wait(Token);
            },
            Token);
        isBlocked.Wait(Token);
        var second = LauncherThread.RunAsync(() => true);
        var isStarted = await Task.WhenAny(second, Task.Delay(TimeSpan.FromSeconds(20), Token)) == second;
        goesOn.Set();
        await first;
        Assert.True(isStarted, "The first caller kept the launcher thread.");
    }
}
