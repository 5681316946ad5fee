using OverlayImg.Sandbox.Accelerators;
using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Qemu;
using OverlayImg.Sandbox.Settings;
using OverlayImg.Sandbox.WarmStarts;

namespace OverlayImg.Sandbox.Guests;

/// <summary>Starts guests on the requested accelerator, or on the accelerator that a trial found to work.</summary>
public static class GuestStarter
{
    /// <summary>Starts a guest and waits until it is READY.</summary>
    /// <param name="options">Settings of the guest.</param>
    /// <param name="progress">Receives the event that a guest boots, and the notice that KVM is not used; may be null.</param>
    /// <exception cref="MachineException">QEMU is not installed, ended or failed; or KVM was requested and does not work.</exception>
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
            _ => await OnWorkingAcceleratorAsync(program, options, progress, cancellationToken),
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

    private static async Task<Guest> OnWorkingAcceleratorAsync(
        QemuProgram program, GuestOptions options, IProgress<GuestProgress>? progress, CancellationToken cancellationToken)
    {
        var verdicts = new AcceleratorVerdicts(options.CachePath, program.Identity, options.Image.Identity);
        var known = verdicts.Recall();
        if (KvmDevice.WhyNot() is { } reason)
        {
            // KVM is checked at each start, because permissions and modules change. The user is told only when the reason is new.
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
