using OverlayImg.Sandbox.Accelerators;
using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Machines;
using OverlayImg.Sandbox.Qemu;
using OverlayImg.Sandbox.Snapshots;

namespace OverlayImg.Sandbox.WarmStarts;

/// <summary>
/// Starts a guest in the fastest way available: a mounted start, else a warm start, else a cold start. A cold start saves a snapshot for later
/// guests of the same configuration.
/// </summary>
internal sealed class ShortestStart
{
    private readonly MachineSettings _settings;
    private readonly IProgress<GuestProgress>? _progress;

    private ShortestStart(MachineSettings settings, IProgress<GuestProgress>? progress) => (_settings, _progress) = (settings, progress);

    /// <summary>Starts a guest.</summary>
    /// <param name="progress">Receives notices, such as a snapshot that can't be restored; may be null.</param>
    /// <exception cref="MachineException">QEMU can't be started, or QEMU or the guest ended.</exception>
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
                "The guest with several emulated processors did not become ready; starting another, whose processors take turns on one host thread"));
            var takingTurns = settings with { CommandLine = commandLine with { ProcessorsTakeTurns = true } };
            return await new ShortestStart(takingTurns, progress).RunAsync(cancellationToken);
        }
        catch (GuestException exception) when (exception.IsPowerOff && accelerator is Accelerator.Tcg)
        {
            // Emulated kernels have rejected the valid signature of a driver (see load_modules in vm-images/guest/machine.c). The guest has had
            // no job yet, so nothing is done twice. If the guest image itself is damaged, the second guest fails in the same way.
            var reason = exception.ConsoleTail.LastOrDefault(line => !line.StartsWith('['));
            progress?.Report(new GuestProgress.Notice(
                $"The guest powered off while it booted{(reason is null ? "" : $" ({reason})")}; starting it once more"));
            return await new ShortestStart(settings, progress).RunAsync(cancellationToken);
        }
    }

    /// <summary>Removes a snapshot that could not be used, and reports the reason.</summary>
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
        // On KVM, mounting the overlay takes less time than loading a second snapshot would save.
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
        catch (GuestException exception) when (exception.QemuErrors.Any(MentionsFilter))
        {
            // This QEMU build or the host kernel has no system call filter. The filter is a second line of defence, so the guest runs without it.
            return await start(_settings with { CommandLine = _settings.CommandLine with { SystemCallFilter = false } });
        }
    }

    // Returns null if the snapshot can't be used.
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
            // A boot timeout that the user set leaves no time for another guest, and does not prove that the snapshot is at fault.
            if (exception is not GuestException && (exception is not GuestTimeoutException || _settings.Options.BootTimeout is not null)) throw;
            DropUnusable(snapshot, exception, _progress);
            return null;
        }
    }

    // Boots a guest, saves it for later runs, and resumes it. Returns null if the cache can't be written or QEMU can't save the guest: the caller
    // then boots a guest without saving it.
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
            // The digest is only needed by later runs, so this run does not wait for it.
            return new(life) { Publishing = saved ? saving.PublishAsync() : Task.CompletedTask };
        }
        catch (Exception exception)
        {
            if (life is not null) await life.DisposeAsync();
            if (!IsCausedBySaving(exception, hasBooted: life is not null))
            {
                snapshot.Remove();
                throw;
            }

            saving.GiveUp(exception);
            return null;
        }
    }

    // A failure before the guest has booted has another cause than saving, except for errors of the memory file.
    private static bool IsCausedBySaving(Exception exception, bool hasBooted) => exception switch
    {
        IOException or GuestException { IsOfMemoryFile: true } => true,
        GuestException or GuestTimeoutException => hasBooted,
        _ => false,
    };

    private static bool MentionsFilter(string error) =>
        error.Contains("sandbox", StringComparison.OrdinalIgnoreCase) || error.Contains("seccomp", StringComparison.OrdinalIgnoreCase);
}
