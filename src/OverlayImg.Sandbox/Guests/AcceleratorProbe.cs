using System.Globalization;
using OverlayImg.Sandbox.Accelerators;
using OverlayImg.Sandbox.Qemu;
using OverlayImg.Sandbox.WarmStarts;

namespace OverlayImg.Sandbox.Guests;

/// <summary>Tests an accelerator by booting a guest on it, for <c>overlayimg doctor</c>. No smaller test is reliable.</summary>
public static class AcceleratorProbe
{
    /// <summary>
    /// Boots a guest on <paramref name="accelerator"/>, waits for READY, measures the guest's speed, and ends it. The result for KVM is remembered
    /// for <see cref="AcceleratorChoice.Auto"/>.
    /// </summary>
    /// <param name="options">Settings of the guest. Its choice of accelerator is ignored.</param>
    /// <param name="accelerator">The accelerator to test.</param>
    /// <exception cref="MachineException">QEMU or util-linux is not installed.</exception>
    public static async Task<AcceleratorReport> TryAsync(GuestOptions options, Accelerator accelerator, CancellationToken cancellationToken)
    {
        var program = QemuProgram.Find(options.Qemu);
        if (accelerator is Accelerator.Kvm && KvmDevice.WhyNot() is { } reason) return new(accelerator, false, reason);
        var verdicts = new AcceleratorVerdicts(options.CachePath, program.Identity, options.Image.Identity);
        try
        {
            var started = await ShortestStart.RunAsync(program, options with { SnapshotsPath = null }, accelerator, null, cancellationToken);
            await using var guest = new Guest(started, options, Task.CompletedTask);
            if (accelerator is Accelerator.Kvm) verdicts.Remember(new(Accelerator.Kvm, ""));
            var seconds = guest.TimeToReady.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
            var seen = $"a guest became READY on {accelerator.DisplayName()} in {seconds} s";
            return new(accelerator, true, seen)
            {
                TimeToReady = guest.TimeToReady,
                QemuVersion = guest.QemuVersion,
                Slowdown = await SpeedTest.SlowdownAsync(guest, options.ScratchPath, cancellationToken),
            };
        }
        catch (OverlayImgException exception)
        {
            if (accelerator is Accelerator.Kvm) verdicts.Remember(new(Accelerator.Tcg, exception.Message));
            return new(accelerator, false, exception.Message);
        }
    }
}
