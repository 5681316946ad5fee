using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Jobs;
using OverlayImg.Sandbox.Machines;
using OverlayImg.Sandbox.Snapshots;

namespace OverlayImg.Sandbox.WarmStarts;

/// <summary>
/// Saves a warm guest once more when it has mounted the overlay of its job: what that takes is the same for every job over the same base image
/// (vm-images/PROTOCOL.md, "Saving a guest"). Disposing of it waits until the snapshot is published.
/// </summary>
internal sealed class OverlaySaving : IAsyncDisposable
{
    private readonly SnapshotStore _store;
    private readonly IDisposable _lock;
    private readonly IProgress<GuestProgress>? _progress;
    private Task _publishing = Task.CompletedTask;

    private OverlaySaving(SnapshotStore store, IDisposable storeLock, IProgress<GuestProgress>? progress) =>
        (_store, _lock, _progress) = (store, storeLock, progress);

    /// <summary>The guest's memory: a file that QEMU is to share.</summary>
    public GuestMemory Memory { get; } = new();

    /// <summary>Copies the memory of the snapshot of a guest. Null where the guest can't be saved, or another run saves one.</summary>
    /// <param name="store">Where the guest will be saved.</param>
    /// <param name="snapshot">The snapshot that the guest goes on from.</param>
    /// <param name="progress">Is told why the guest could not be saved; may be null.</param>
    /// <param name="cancellationToken">Ends the work.</param>
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
            // No room in the host's memory, or the snapshot has just been removed: the guest will do without, or tell.
            return null;
        }
    }

    /// <summary>Saves the guest, whose overlay is mounted. The guest may be paused afterwards.</summary>
    /// <param name="life">The guest.</param>
    /// <param name="job">The job that the guest has mounted the overlay for.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="MachineException">QEMU or the guest failed.</exception>
    public async Task SaveAsync(GuestLife life, GuestJob job, CancellationToken cancellationToken)
    {
        // Disks that were made a moment ago belong to a base image that may never come again; and a change of theirs might not show.
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
            // QEMU can't save the guest, but still has it.
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
