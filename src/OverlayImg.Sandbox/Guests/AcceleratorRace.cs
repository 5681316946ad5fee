using System.Diagnostics;
using System.Globalization;
using OverlayImg.Sandbox.Accelerators;
using OverlayImg.Sandbox.Qemu;
using OverlayImg.Sandbox.WarmStarts;

namespace OverlayImg.Sandbox.Guests;

/// <summary>
/// Starts a guest on KVM and, when that one is late or fails, another on TCG beside it; the one that is READY first is kept. Neither has a disk
/// before that, and only the one that is kept gets a job, so nothing is ever done twice.
/// </summary>
internal static class AcceleratorRace
{
    // A guest on working KVM needs well under a second. One that proved to work is given more: only a busy host can be the reason then.
    private static readonly TimeSpan HeadStart = TimeSpan.FromSeconds(0.7);
    private static readonly TimeSpan ProvenHeadStart = TimeSpan.FromSeconds(5);

    /// <summary>Runs the race.</summary>
    /// <param name="program">QEMU.</param>
    /// <param name="options">Settings of the guests.</param>
    /// <param name="isProven">Whether a guest became READY on KVM before, since the machine was booted.</param>
    /// <param name="progress">Is told what boots.</param>
    /// <param name="cancellationToken">Ends both.</param>
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
            // Both failed. TCG's reason is the better one: it is what would have been used.
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

    // Must be asked before the guest on KVM is ended.
    private static string WhyNot(Task<StartedGuest> kvm, TimeSpan waited) => kvm.Exception?.InnerException?.Message
        ?? string.Create(CultureInfo.InvariantCulture, $"{KvmDevice.Path} opens, but no guest became READY on it within {waited.TotalSeconds:0.0} s");

    private static async Task AbandonAsync(Task<StartedGuest> boot, CancellationTokenSource end)
    {
        // At once, not by CancelAsync: the caller goes on without waiting for this, and disposing of a source forgets whom it was to tell.
        end.Cancel();
        try
        {
            await using var guest = await boot;
        }
        catch (Exception exception) when (exception is OverlayImgException or OperationCanceledException)
        {
            // That it ends is all that was wanted of it.
            return;
        }
    }
}
