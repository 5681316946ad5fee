using OverlayImg.Sandbox.Qemu;

namespace OverlayImg.Sandbox.WarmStarts;

/// <summary>Brings a machine to READY the shortest way: from a snapshot, which the first boot of a configuration leaves for the later ones.</summary>
internal sealed class MachineStart
{
    private static readonly TimeSpan RestorePatience = TimeSpan.FromSeconds(20);

    private readonly QemuProgram _program;
    private readonly GuestOptions _options;
    private readonly QemuCommandLine _commandLine;
    private readonly IProgress<GuestProgress>? _progress;

    private MachineStart(QemuProgram program, GuestOptions options, Accelerator accelerator, IProgress<GuestProgress>? progress)
    {
        (_program, _options, _progress) = (program, options, progress);
        var image = options.Image;
        _commandLine = new(image.KernelPath, image.InitramfsPath, accelerator, options.MemoryMiB, options.Cpus, options.Network, SystemCallFilter: true);
    }

    /// <summary>Starts a machine.</summary>
    /// <param name="program">QEMU.</param>
    /// <param name="options">Settings of the guest.</param>
    /// <param name="accelerator">What it runs on.</param>
    /// <param name="progress">Is told of a snapshot that did not restore; may be null.</param>
    /// <param name="cancellationToken">Ends the machine.</param>
    /// <exception cref="MachineException">QEMU can't be started, or it or the guest ended.</exception>
    /// <exception cref="GuestTimeoutException">The guest did not become READY in time.</exception>
    public static Task<GuestMachine> RunAsync(
        QemuProgram program, GuestOptions options, Accelerator accelerator, IProgress<GuestProgress>? progress, CancellationToken cancellationToken) =>
        new MachineStart(program, options, accelerator, progress).RunAsync(cancellationToken);

    private async Task<GuestMachine> RunAsync(CancellationToken cancellationToken)
    {
        if (_options.SnapshotsPath is not { } path) return await StartAsync(_options, null, null, cancellationToken);
        var store = new SnapshotStore(path, _program, _commandLine, _options.Image);
        if (store.Find() is { } snapshot && await RestoreAsync(store, snapshot, cancellationToken) is { } warm)
        {
            warm.IsWarm = true;
            return warm;
        }

        return await BootAsync(store, cancellationToken) ?? await StartAsync(_options, null, null, cancellationToken);
    }

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

    private async Task<GuestMachine?> RestoreAsync(SnapshotStore store, Snapshot snapshot, CancellationToken cancellationToken)
    {
        try
        {
            return await StartAsync(_options with { BootTimeout = RestorePatience }, snapshot, null, cancellationToken);
        }
        catch (Exception exception) when (exception is GuestException or GuestTimeoutException)
        {
            store.Drop(snapshot);
            _progress?.Report(new GuestProgress.Notice($"The saved guest can't be used and is dropped: {exception.Message}; booting a new one"));
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
        GuestMachine? machine = null;
        try
        {
            using var memory = new GuestMemory();
            machine = await StartAsync(_options, null, memory, cancellationToken);
            var isSaved = await SaveAsync(machine, snapshot, memory, cancellationToken);
            await machine.GoOnAsync(RestorePatience, cancellationToken);
            // The digest is for later runs: this one need not wait for it.
            machine.Beside = isSaved ? PublishAsync(store, snapshot, cancellationToken) : Task.CompletedTask;
            return machine;
        }
        catch (Exception exception)
        {
            snapshot.Remove();
            if (machine is not null) await machine.DisposeAsync();
            if (!IsOfSaving(exception, machine)) throw;
            TellOfNoSnapshot(exception);
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

    private async Task<bool> SaveAsync(GuestMachine machine, Snapshot snapshot, GuestMemory memory, CancellationToken cancellationToken)
    {
        try
        {
            await machine.SaveAsync(snapshot, memory, cancellationToken);
            return true;
        }
        catch (IOException exception)
        {
            // The cache's disk may be full: the guest can go on all the same.
            snapshot.Remove();
            TellOfNoSnapshot(exception);
            return false;
        }
    }

    private async Task PublishAsync(SnapshotStore store, Snapshot snapshot, CancellationToken cancellationToken)
    {
        try
        {
            await snapshot.SealAsync(cancellationToken);
            store.Publish(snapshot);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            TellOfNoSnapshot(exception);
        }
        catch (OperationCanceledException)
        {
            // The run has been given up, and says so.
            return;
        }
        finally
        {
            snapshot.Remove();
        }
    }

    private void TellOfNoSnapshot(Exception exception) =>
        _progress?.Report(new GuestProgress.Notice($"The guest could not be saved for later runs: {exception.Message}"));

    private static bool TellsOfFilter(string error) =>
        error.Contains("sandbox", StringComparison.OrdinalIgnoreCase) || error.Contains("seccomp", StringComparison.OrdinalIgnoreCase);
}
