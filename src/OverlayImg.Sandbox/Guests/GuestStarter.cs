using OverlayImg.Sandbox.Accelerators;
using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Qemu;
using OverlayImg.Sandbox.Settings;
using OverlayImg.Sandbox.WarmStarts;

namespace OverlayImg.Sandbox.Guests;

/// <summary>Starts guests, on the accelerator that was asked for or that is found to work.</summary>
public static class GuestStarter
{
    /// <summary>Begins to boot a guest at once; the task completes when it is READY.</summary>
    /// <param name="options">Its settings.</param>
    /// <param name="progress">Is told what boots, and the one line about a fallback; may be null.</param>
    /// <param name="cancellationToken">Ends every guest that was begun.</param>
    /// <exception cref="MachineException">QEMU is not installed, ended or failed; or KVM was asked for and does not work.</exception>
    /// <exception cref="GuestTimeoutException">The guest did not become READY in time.</exception>
    public static async Task<Guest> StartAsync(GuestOptions options, IProgress<GuestProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MemoryMiB, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Cpus, 1);
        var program = QemuProgram.Find(options.Qemu);
        var guest = options.Accelerator switch
        {
            AcceleratorChoice.Kvm => await OnKvmAloneAsync(program, options, progress, cancellationToken),
            AcceleratorChoice.Tcg => await OnTcgAsync(program, options, progress, cancellationToken),
            _ => await OnWhatWorksAsync(program, options, progress, cancellationToken),
        };
        progress?.Report(new GuestProgress.Ready(guest.Accelerator, guest.TimeToReady));
        return guest;
    }

    private static async Task<Guest> OnKvmAloneAsync(
        QemuProgram program, GuestOptions options, IProgress<GuestProgress>? progress, CancellationToken cancellationToken)
    {
        var advice = new Advice("Choose another accelerator: auto or tcg.", GuestSetting.Accelerator);
        if (KvmDevice.WhyNot() is { } reason) throw new GuestException($"KVM does not work: {reason}") { Advice = advice };
        progress?.Report(new GuestProgress.Booting(Accelerator.Kvm));
        try
        {
            return new(await ShortestStart.RunAsync(program, options, Accelerator.Kvm, progress, cancellationToken), options, Task.CompletedTask);
        }
        catch (GuestTimeoutException exception)
        {
            var tried = $"{KvmDevice.Path} opens and {program.Path} starts on it";
            throw new GuestException($"KVM does not work: {tried}, but: {exception.Message}", exception)
            {
                Advice = advice,
                ConsoleTail = exception.ConsoleTail,
            };
        }
        catch (GuestException exception)
        {
            throw new GuestException($"KVM does not work: {KvmDevice.Path} opens, but: {exception.Message}", exception)
            {
                Advice = advice,
                ConsoleTail = exception.ConsoleTail,
                QemuErrors = exception.QemuErrors,
            };
        }
    }

    private static async Task<Guest> OnTcgAsync(
        QemuProgram program, GuestOptions options, IProgress<GuestProgress>? progress, CancellationToken cancellationToken)
    {
        progress?.Report(new GuestProgress.Booting(Accelerator.Tcg));
        return new(await ShortestStart.RunAsync(program, options, Accelerator.Tcg, progress, cancellationToken), options, Task.CompletedTask);
    }

    private static async Task<Guest> OnWhatWorksAsync(
        QemuProgram program, GuestOptions options, IProgress<GuestProgress>? progress, CancellationToken cancellationToken)
    {
        var verdicts = new AcceleratorVerdicts(options.CachePath, program.Identity, options.Image.Identity);
        var known = verdicts.Recall();
        if (KvmDevice.WhyNot() is { } reason)
        {
            // Asked anew each time, because permissions and modules come and go; said only when it is news.
            if (known?.Reason != reason) Decide(new(Accelerator.Tcg, reason));
            return await OnTcgAsync(program, options, progress, cancellationToken);
        }

        if (known is { Accelerator: Accelerator.Tcg }) return await OnTcgAsync(program, options, progress, cancellationToken);
        var (guest, verdict) = await AcceleratorRace.RunAsync(program, options, isProven: known is not null, progress, cancellationToken);
        if (verdict != known) Decide(verdict);
        return guest;

        void Decide(AcceleratorVerdict verdict)
        {
            verdicts.Remember(verdict);
            if (verdict.Accelerator is Accelerator.Kvm) return;
            progress?.Report(new GuestProgress.Notice($"KVM is not used: {verdict.Reason}; using TCG, which is slower"));
        }
    }
}
