using System.Diagnostics;
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
        if (_options.SnapshotsPath is not { } path) return await StartAsync(_options, null, cancellationToken);
        var store = new SnapshotStore(path, _program, _commandLine, _options.Image);
        if (store.Find() is { } snapshot && await RestoreAsync(store, snapshot, cancellationToken) is { } warm)
        {
            warm.IsWarm = true;
            return warm;
        }

        var began = Stopwatch.GetTimestamp();
        if (await BootAsync(store, cancellationToken) is not { } machine) return await StartAsync(_options, null, cancellationToken);
        machine.TimeToReady = Stopwatch.GetElapsedTime(began);
        return machine;
    }

    private async Task<GuestMachine> StartAsync(GuestOptions options, GuestPast? past, CancellationToken cancellationToken)
    {
        try
        {
            return await GuestMachine.StartAsync(_program, _commandLine, options, past, cancellationToken);
        }
        catch (GuestException exception) when (exception.QemuErrors.Any(TellsOfFilter))
        {
            // This build of QEMU, or the kernel it runs on, has no system call filter. It is a second line of defence that one can live without.
            return await GuestMachine.StartAsync(_program, _commandLine with { SystemCallFilter = false }, options, past, cancellationToken);
        }
    }

    private async Task<GuestMachine?> RestoreAsync(SnapshotStore store, Snapshot snapshot, CancellationToken cancellationToken)
    {
        try
        {
            return await StartAsync(_options with { BootTimeout = RestorePatience }, GuestPast.From(snapshot), cancellationToken);
        }
        catch (Exception exception) when (exception is GuestException or GuestTimeoutException)
        {
            store.Drop(snapshot);
            _progress?.Report(new GuestProgress.Notice($"The saved guest can't be used and is dropped: {exception.Message}; booting a new one"));
            return null;
        }
    }

    /// <summary>
    /// Boots a guest for nothing but to be saved: its memory is the snapshot's own file, so another goes on from there. Null where the cache can't
    /// be written, or QEMU can't save, which costs time and nothing else.
    /// </summary>
    private async Task<GuestMachine?> BootAsync(SnapshotStore store, CancellationToken cancellationToken)
    {
        if (store.Prepare() is not { } snapshot) return null;
        try
        {
            await using (var booted = await StartAsync(_options, GuestPast.SavedTo(snapshot), cancellationToken))
                if (!await SaveAsync(booted, snapshot, cancellationToken)) return null;
            return await GoOnAsync(store, snapshot, cancellationToken);
        }
        catch (GuestException exception) when (exception.IsOfMemoryFile)
        {
            TellOfNoSnapshot(exception);
            return null;
        }
        finally
        {
            snapshot.Remove();
        }
    }

    private async Task<GuestMachine?> GoOnAsync(SnapshotStore store, Snapshot snapshot, CancellationToken cancellationToken)
    {
        // The digest is for later runs: this one need not wait for it.
        var sealing = snapshot.SealAsync(cancellationToken);
        GuestMachine? machine = null;
        try
        {
            machine = await StartAsync(_options with { BootTimeout = RestorePatience }, GuestPast.FromOwn(snapshot), cancellationToken);
            await sealing;
            store.Publish(snapshot);
            return machine;
        }
        catch (Exception exception) when (exception is GuestException or GuestTimeoutException or IOException)
        {
            TellOfNoSnapshot(exception);
            return machine;
        }
        catch
        {
            if (machine is not null) await machine.DisposeAsync();
            throw;
        }
        finally
        {
            // The caller removes what is not published: nobody may write to it then.
            await Task.WhenAny(sealing);
        }
    }

    private async Task<bool> SaveAsync(GuestMachine machine, Snapshot snapshot, CancellationToken cancellationToken)
    {
        try
        {
            await machine.SaveAsync(snapshot, cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is GuestException or IOException)
        {
            // The cache's disk may be full: the job can be done all the same.
            TellOfNoSnapshot(exception);
            return false;
        }
    }

    private void TellOfNoSnapshot(Exception exception) =>
        _progress?.Report(new GuestProgress.Notice($"The guest could not be saved for later runs: {exception.Message}"));

    private static bool TellsOfFilter(string error) =>
        error.Contains("sandbox", StringComparison.OrdinalIgnoreCase) || error.Contains("seccomp", StringComparison.OrdinalIgnoreCase);
}
