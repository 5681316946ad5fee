using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Jobs;
using OverlayImg.Sandbox.Machines;
using OverlayImg.Sandbox.Snapshots;

namespace OverlayImg.Sandbox.WarmStarts;

/// <summary>
/// Saves a warm-started guest a second time, after it has mounted the overlay of its job. Every later job over the same base image can start from
/// that snapshot (vm-images/PROTOCOL.md, "Saving a guest"). Disposing waits until the snapshot is published.
/// </summary>
internal sealed class OverlaySaving : IAsyncDisposable
{
    private readonly SnapshotStore _store;
    private readonly IDisposable _lock;
    private readonly IProgress<GuestProgress>? _progress;
    private Task _publishing = Task.CompletedTask;

    private OverlaySaving(SnapshotStore store, IDisposable storeLock, IProgress<GuestProgress>? progress) =>
        (_store, _lock, _progress) = (store, storeLock, progress);

    /// <summary>The memory of the guest, in a file that QEMU shares.</summary>
    public GuestMemory Memory { get; } = new();

    /// <summary>
    /// Copies the memory out of a snapshot. Returns null if the memory can't be copied, or if another run is saving a guest with an overlay.
    /// </summary>
    /// <param name="store">The store that the guest will be saved in.</param>
    /// <param name="snapshot">The snapshot that the guest starts from.</param>
    /// <param name="progress">Receives the reason why the guest could not be saved; may be null.</param>
    public static async Task<OverlaySaving?> PrepareAsync(
        SnapshotStore store, Snapshot snapshot, IProgress<GuestProgress>? progress, CancellationToken cancellationToken)
    {
        if (store.TryLockOverlays() is not { } storeLock) return null;
        OverlaySaving? saving = null;
        try
        {
            saving = new(store, storeLock, progress);
            await saving.Memory.FillAsync(snapshot.MemoryPath, cancellationToken);
            return saving;
        }
        catch (Exception exception)
        {
            saving?.Memory.Dispose();
            storeLock.Dispose();
            if (exception is not IOException) throw;
            // The host's memory is full, or another run has just removed the snapshot. In the second case loading the snapshot fails and reports it.
            return null;
        }
    }

    /// <summary>Saves the guest with its mounted overlay. The guest may be paused afterwards.</summary>
    /// <param name="job">The job whose overlay the guest has mounted.</param>
    /// <exception cref="MachineException">QEMU or the guest failed.</exception>
    public async Task SaveAsync(GuestLife life, GuestJob job, CancellationToken cancellationToken)
    {
        // FilesOf refuses disks that were written a moment ago: a later change of such a disk might keep its timestamp. It is also not known yet
        // whether their base image is ever used again.
        if (Snapshot.FilesOf(job.ParentDisks) is not { } parents || _store.Prepare() is not { } snapshot) return;
        var saving = new GuestSaving(_store, snapshot, _progress);
        try
        {
            await life.PauseAsync(cancellationToken);
            void AddOverlay() => snapshot.AddOverlay(job.UpperDisk, parents, cancellationToken);
            if (await saving.TrySaveAsync(life, Memory, AddOverlay, cancellationToken)) _publishing = saving.PublishAsync();
        }
        catch (GuestException exception) when (!life.HasEnded)
        {
            // QEMU refused to save the guest, but the guest can go on.
            saving.GiveUp(exception);
        }
        catch
        {
            snapshot.Remove();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _publishing;
        Memory.Dispose();
        _lock.Dispose();
    }
}
