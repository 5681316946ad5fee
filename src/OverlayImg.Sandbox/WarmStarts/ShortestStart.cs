using OverlayImg.Sandbox.Accelerators;
using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Machines;
using OverlayImg.Sandbox.Qemu;
using OverlayImg.Sandbox.Snapshots;

namespace OverlayImg.Sandbox.WarmStarts;

/// <summary>
/// Starts a guest the shortest way: a mounted start, else a warm start, else a cold start, which leaves a snapshot for later guests of the same
/// configuration.
/// </summary>
internal sealed class ShortestStart
{
    private readonly MachineSettings _settings;
    private readonly IProgress<GuestProgress>? _progress;

    private ShortestStart(MachineSettings settings, IProgress<GuestProgress>? progress) => (_settings, _progress) = (settings, progress);

    /// <summary>Starts a guest.</summary>
    /// <param name="program">QEMU.</param>
    /// <param name="options">Settings of the guest.</param>
    /// <param name="accelerator">What it runs on.</param>
    /// <param name="progress">Is told of a snapshot that did not restore; may be null.</param>
    /// <param name="cancellationToken">Ends the guest.</param>
    /// <exception cref="MachineException">QEMU can't be started, or it or the guest ended.</exception>
    /// <exception cref="GuestTimeoutException">The guest did not become READY in time.</exception>
    public static async Task<StartedGuest> RunAsync(
        QemuProgram program, GuestOptions options, Accelerator accelerator, IProgress<GuestProgress>? progress, CancellationToken cancellationToken)
    {
        var image = options.Image;
        var commandLine = new QemuCommandLine(
            image.KernelPath, image.InitramfsPath, accelerator, options.MemoryMiB, options.Cpus, options.Network, SystemCallFilter: true);
        var settings = new MachineSettings(program, commandLine, options);
        try
        {
            return await new ShortestStart(settings, progress).RunAsync(cancellationToken);
        }
        catch (GuestTimeoutException) when (commandLine.IsParallel && options.BootTimeout is null)
        {
            progress?.Report(new GuestProgress.Notice(
                "The guest with several emulated processors did not become ready; starting another, whose processors take turns on one of this machine's"));
            var takingTurns = settings with { CommandLine = commandLine with { ProcessorsTakeTurns = true } };
            return await new ShortestStart(takingTurns, progress).RunAsync(cancellationToken);
        }
        catch (GuestException exception) when (exception.IsPowerOff && accelerator is Accelerator.Tcg)
        {
            // Emulated kernels have found the signature of a sound driver wrong (see load_modules in vm-images/guest/machine.c). The guest has had no job yet, so
            // nothing is done twice. Where the guest image itself is at fault, the second guest fails in the same way.
            var reason = exception.ConsoleTail.LastOrDefault(line => !line.StartsWith('['));
            progress?.Report(new GuestProgress.Notice($"The guest powered off while it booted{(reason is null ? "" : $" ({reason})")}; starting it once more"));
            return await new ShortestStart(settings, progress).RunAsync(cancellationToken);
        }
    }

    /// <summary>Takes a snapshot away that could not be used, and says so.</summary>
    public static void DropUnusable(Snapshot snapshot, Exception exception, IProgress<GuestProgress>? progress)
    {
        SnapshotStore.Drop(snapshot);
        progress?.Report(new GuestProgress.Notice($"The saved guest can't be used and is dropped: {exception.Message}; starting another"));
    }

    private async Task<StartedGuest> RunAsync(CancellationToken cancellationToken)
    {
        var options = _settings.Options;
        if (options.SnapshotsPath is not { } path) return await BootAsync(cancellationToken);
        var store = new SnapshotStore(path, _settings.Program, _settings.CommandLine, options.Image);
        // On KVM a guest has mounted its overlay sooner than a second snapshot is worth.
        var overlays = options.Overlay is { } overlay && _settings.CommandLine.Accelerator is Accelerator.Tcg ? store.WithOverlay(overlay) : null;
        if (overlays?.Find() is { } mounted && await TryLoadAsync(mounted, null, cancellationToken) is { } mountedGuest) return mountedGuest;
        if (store.Find() is { } ready && await TryLoadAsync(ready, overlays, cancellationToken) is { } warmGuest) return warmGuest;
        return await TryBootAndSaveAsync(store, cancellationToken) ?? await BootAsync(cancellationToken);
    }

    private async Task<StartedGuest> BootAsync(CancellationToken cancellationToken) =>
        new(await WithOrWithoutFilterAsync(settings => GuestLife.BootAsync(settings, null, cancellationToken)));

    private async Task<GuestLife> WithOrWithoutFilterAsync(Func<MachineSettings, Task<GuestLife>> start)
    {
        try
        {
            return await start(_settings);
        }
        catch (GuestException exception) when (exception.QemuErrors.Any(TellsOfFilter))
        {
            // This build of QEMU, or the kernel it runs on, has no system call filter. It is a second line of defence that one can live without.
            return await start(_settings with { CommandLine = _settings.CommandLine with { SystemCallFilter = false } });
        }
    }

    // Null where the snapshot can't be used.
    private async Task<StartedGuest?> TryLoadAsync(Snapshot snapshot, SnapshotStore? overlays, CancellationToken cancellationToken)
    {
        var saving = overlays is null ? null : await OverlaySaving.PrepareAsync(overlays, snapshot, _progress, cancellationToken);
        try
        {
            var life = await WithOrWithoutFilterAsync(settings => GuestLife.LoadAsync(settings, snapshot, saving?.Memory, cancellationToken));
            return new(life) { Snapshot = snapshot, OverlaySaving = saving };
        }
        catch (Exception exception)
        {
            if (saving is not null) await saving.DisposeAsync();
            // Within a time limit of the user's own there is no time left for another guest, and nothing shows that the snapshot is at fault.
            if (exception is not GuestException && (exception is not GuestTimeoutException || _settings.Options.BootTimeout is not null)) throw;
            DropUnusable(snapshot, exception, _progress);
            return null;
        }
    }

    /// <summary>
    /// Boots a guest, saves it for later runs, and has it go on. Null where the cache can't be written, or QEMU can't save a guest, which costs time and
    /// nothing else.
    /// </summary>
    private async Task<StartedGuest?> TryBootAndSaveAsync(SnapshotStore store, CancellationToken cancellationToken)
    {
        if (store.Prepare() is not { } snapshot) return null;
        var saving = new GuestSaving(store, snapshot, _progress);
        GuestLife? life = null;
        try
        {
            using var memory = new GuestMemory();
            life = await WithOrWithoutFilterAsync(settings => GuestLife.BootAsync(settings, memory, cancellationToken));
            await life.PauseAsync(cancellationToken);
            var saved = await saving.TrySaveAsync(life, memory, null, cancellationToken);
            await life.WakeAsync(cancellationToken);
            // The digest is for later runs: this one need not wait for it.
            return new(life) { Publishing = saved ? saving.PublishAsync() : Task.CompletedTask };
        }
        catch (Exception exception)
        {
            if (life is not null) await life.DisposeAsync();
            if (!IsOfSaving(exception, hasBooted: life is not null))
            {
                snapshot.Remove();
                throw;
            }

            saving.GiveUp(exception);
            return null;
        }
    }

    // A guest that does not boot would not do so without being saved.
    private static bool IsOfSaving(Exception exception, bool hasBooted) => exception switch
    {
        IOException or GuestException { IsOfMemoryFile: true } => true,
        GuestException or GuestTimeoutException => hasBooted,
        _ => false,
    };

    private static bool TellsOfFilter(string error) =>
        error.Contains("sandbox", StringComparison.OrdinalIgnoreCase) || error.Contains("seccomp", StringComparison.OrdinalIgnoreCase);
}
