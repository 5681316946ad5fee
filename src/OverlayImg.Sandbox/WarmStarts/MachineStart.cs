using OverlayImg.Sandbox.Qemu;

namespace OverlayImg.Sandbox.WarmStarts;

/// <summary>Brings a machine to READY the shortest way: from a snapshot, which the first boot of a configuration leaves for the later ones.</summary>
internal sealed class MachineStart
{
    private readonly QemuProgram _program;
    private readonly GuestOptions _options;
    private readonly QemuCommandLine _commandLine;
    private readonly IProgress<GuestProgress>? _progress;

    private MachineStart(QemuProgram program, GuestOptions options, QemuCommandLine commandLine, IProgress<GuestProgress>? progress) =>
        (_program, _options, _commandLine, _progress) = (program, options, commandLine, progress);

    /// <summary>Starts a machine.</summary>
    /// <param name="program">QEMU.</param>
    /// <param name="options">Settings of the guest.</param>
    /// <param name="accelerator">What it runs on.</param>
    /// <param name="progress">Is told of a snapshot that did not restore; may be null.</param>
    /// <param name="cancellationToken">Ends the machine.</param>
    /// <exception cref="MachineException">QEMU can't be started, or it or the guest ended.</exception>
    /// <exception cref="GuestTimeoutException">The guest did not become READY in time.</exception>
    public static async Task<GuestMachine> RunAsync(
        QemuProgram program, GuestOptions options, Accelerator accelerator, IProgress<GuestProgress>? progress, CancellationToken cancellationToken)
    {
        var image = options.Image;
        var commandLine = new QemuCommandLine(
            image.KernelPath, image.InitramfsPath, accelerator, options.MemoryMiB, options.Cpus, options.Network, SystemCallFilter: true);
        try
        {
            return await new MachineStart(program, options, commandLine, progress).RunAsync(cancellationToken);
        }
        catch (GuestTimeoutException) when (commandLine.IsParallel && options.BootTimeout is null)
        {
            progress?.Report(new GuestProgress.Notice(
                "The guest with several emulated processors did not become ready; starting another, whose processors take turns on one of this machine's"));
            return await new MachineStart(program, options, commandLine with { ProcessorsTakeTurns = true }, progress).RunAsync(cancellationToken);
        }
        catch (GuestException exception) when (exception.IsPowerOff && accelerator is Accelerator.Tcg)
        {
            // Emulated kernels have found the signature of a sound driver wrong (see load_modules in vm-images/guest/machine.c). The guest has had no job yet, so
            // nothing is done twice. Where the guest image itself is at fault, the second guest fails in the same way.
            var reason = exception.ConsoleTail.LastOrDefault(line => !line.StartsWith('['));
            progress?.Report(new GuestProgress.Notice($"The guest powered off while it booted{(reason is null ? "" : $" ({reason})")}; starting it once more"));
            return await new MachineStart(program, options, commandLine, progress).RunAsync(cancellationToken);
        }
    }

    /// <summary>Takes a snapshot away that could not be used, and says so.</summary>
    public static void DropUnusable(Snapshot snapshot, Exception exception, IProgress<GuestProgress>? progress)
    {
        SnapshotStore.Drop(snapshot);
        progress?.Report(new GuestProgress.Notice($"The saved guest can't be used and is dropped: {exception.Message}; starting another"));
    }

    private async Task<GuestMachine> RunAsync(CancellationToken cancellationToken)
    {
        if (_options.SnapshotsPath is not { } path) return await StartAsync(Booting, null, null, cancellationToken);
        var store = new SnapshotStore(path, _program, _commandLine, _options.Image);
        // On KVM a guest has mounted its overlay sooner than a second snapshot is worth.
        var overlays = _options.Overlay is { } overlay && _commandLine.Accelerator is Accelerator.Tcg ? store.WithOverlay(overlay) : null;
        if (overlays?.Find() is { } mounted && await RestoreAsync(mounted, null, cancellationToken) is { } standing) return standing;
        if (store.Find() is { } snapshot && await RestoreAsync(snapshot, overlays, cancellationToken) is { } warm) return warm;
        return await BootAsync(store, cancellationToken) ?? await StartAsync(Booting, null, null, cancellationToken);
    }

    // The options of a guest that boots.
    private GuestOptions Booting => _commandLine.IsParallel ? _options with { BootTimeout = _options.BootTimeout ?? _options.ParallelBootTimeout } : _options;

    private async Task<GuestMachine> StartAsync(GuestOptions options, Snapshot? past, GuestMemory? memory, CancellationToken cancellationToken)
    {
        try
        {
            return await GuestMachine.StartAsync(_program, _commandLine, options, past, memory, cancellationToken);
        }
        catch (GuestException exception) when (exception.QemuErrors.Any(TellsOfFilter))
        {
            // This build of QEMU, or the kernel it runs on, has no system call filter. It is a second line of defence that one can live without.
            return await GuestMachine.StartAsync(_program, _commandLine with { SystemCallFilter = false }, options, past, memory, cancellationToken);
        }
    }

    private async Task<GuestMachine?> RestoreAsync(Snapshot snapshot, SnapshotStore? overlays, CancellationToken cancellationToken)
    {
        var saving = overlays is null ? null : await OverlaySaving.PrepareAsync(overlays, snapshot, _progress, cancellationToken);
        try
        {
            var machine = await StartAsync(_options with { BootTimeout = _options.RestoreTimeout }, snapshot, saving?.Memory, cancellationToken);
            machine.IsWarm = true;
            machine.OverlaySaving = saving;
            return machine;
        }
        catch (Exception exception)
        {
            saving?.Dispose();
            // Within a time limit of the user's own there is no time left for another guest, and nothing shows that the snapshot is at fault.
            if (exception is not GuestException && (exception is not GuestTimeoutException || _options.BootTimeout is not null)) throw;
            DropUnusable(snapshot, exception, _progress);
            return null;
        }
    }

    /// <summary>
    /// Boots a guest, saves it for later runs, and has it go on. Null where the cache can't be written, or QEMU can't save a guest, which costs time and
    /// nothing else.
    /// </summary>
    private async Task<GuestMachine?> BootAsync(SnapshotStore store, CancellationToken cancellationToken)
    {
        if (store.Prepare() is not { } snapshot) return null;
        var saving = new GuestSaving(store, _progress);
        GuestMachine? machine = null;
        try
        {
            using var memory = new GuestMemory();
            machine = await StartAsync(Booting, null, memory, cancellationToken);
            var publish = await saving.SaveAsync(machine, snapshot, memory, null, cancellationToken);
            await machine.GoOnAsync(null, default, cancellationToken);
            machine.TimeToReady = machine.Age;
            // The digest is for later runs: this one need not wait for it.
            machine.Beside = publish();
            return machine;
        }
        catch (Exception exception)
        {
            snapshot.Remove();
            if (machine is not null) await machine.DisposeAsync();
            if (!IsOfSaving(exception, machine)) throw;
            saving.TellOfNone(exception);
            return null;
        }
    }

    // A guest that does not boot would not do so without being saved.
    private static bool IsOfSaving(Exception exception, GuestMachine? machine) => exception switch
    {
        IOException or GuestException { IsOfMemoryFile: true } => true,
        GuestException or GuestTimeoutException => machine is not null,
        _ => false,
    };

    private static bool TellsOfFilter(string error) =>
        error.Contains("sandbox", StringComparison.OrdinalIgnoreCase) || error.Contains("seccomp", StringComparison.OrdinalIgnoreCase);
}
