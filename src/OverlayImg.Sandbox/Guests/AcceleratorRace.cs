using System.Diagnostics;
using System.Globalization;
using OverlayImg.Sandbox.Accelerators;
using OverlayImg.Sandbox.Qemu;
using OverlayImg.Sandbox.WarmStarts;

namespace OverlayImg.Sandbox.Guests;

/// <summary>
/// Starts a guest on KVM. If that guest is late or fails, another guest starts on TCG beside it, and the guest that is READY first is kept. No guest
/// has a disk or a job before the race is decided, so nothing is done twice.
/// </summary>
internal static class AcceleratorRace
{
    // A guest on working KVM boots in well under a second. KVM that has worked before gets more time: then only a busy host can be the reason.
    private static readonly TimeSpan HeadStart = TimeSpan.FromSeconds(0.7);
    private static readonly TimeSpan ProvenHeadStart = TimeSpan.FromSeconds(5);

    /// <summary>Runs the race.</summary>
    /// <param name="isProven">Whether a guest has become READY on KVM since the host booted.</param>
    /// <param name="progress">Receives the event that a guest boots; may be null.</param>
    public static async Task<(Guest Guest, AcceleratorVerdict Verdict)> RunAsync(
        QemuProgram program, GuestOptions options, bool isProven, IProgress<GuestProgress>? progress, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        using var endKvm = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var endTcg = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var kvm = BootAsync(Accelerator.Kvm, endKvm.Token);
        await Task.WhenAny(kvm, Task.Delay(isProven ? ProvenHeadStart : HeadStart, cancellationToken));
        if (kvm.IsCompletedSuccessfully || cancellationToken.IsCancellationRequested)
        {
            return (new(await kvm, options, Task.CompletedTask), new(Accelerator.Kvm, ""));
        }

        var tcg = BootAsync(Accelerator.Tcg, endTcg.Token);
        var winner = await Task.WhenAny(kvm, tcg);
        if (!winner.IsCompletedSuccessfully) winner = winner == kvm ? tcg : kvm;
        try
        {
            var guest = await winner;
            return guest.Life.Accelerator is Accelerator.Kvm
                ? (new(guest, options, AbandonAsync(tcg, endTcg)), new(Accelerator.Kvm, ""))
                : (new(guest, options, AbandonAsync(kvm, endKvm)), new(Accelerator.Tcg, WhyNot(kvm, Stopwatch.GetElapsedTime(began))));
        }
        catch
        {
            // Both guests failed. TCG's error is reported, because TCG would have been used.
            await Task.WhenAll(AbandonAsync(kvm, endKvm), AbandonAsync(tcg, endTcg));
            await tcg;
            throw;
        }

        Task<StartedGuest> BootAsync(Accelerator accelerator, CancellationToken token)
        {
            progress?.Report(new GuestProgress.Booting(accelerator));
            return ShortestStart.RunAsync(program, options, accelerator, progress, token);
        }
    }

    // Called before the guest on KVM is ended, because ending it replaces the reason.
    private static string WhyNot(Task<StartedGuest> kvm, TimeSpan waited) => kvm.Exception?.InnerException?.Message
        ?? string.Create(CultureInfo.InvariantCulture, $"{KvmDevice.Path} opens, but no guest became READY on it within {waited.TotalSeconds:0.0} s");

    private static async Task AbandonAsync(Task<StartedGuest> boot, CancellationTokenSource end)
    {
        // Not CancelAsync: the caller does not wait, and disposing the source would drop the callbacks that have not run yet.
        end.Cancel();
        try
        {
            await using var guest = await boot;
        }
        catch (Exception exception) when (exception is OverlayImgException or OperationCanceledException)
        {
            // The abandoned guest has ended, whatever its result.
            return;
        }
    }
}
