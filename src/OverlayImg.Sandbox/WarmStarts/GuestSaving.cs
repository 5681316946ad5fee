using OverlayImg.Sandbox.Machines;
using OverlayImg.Sandbox.Snapshots;

namespace OverlayImg.Sandbox.WarmStarts;

/// <summary>Saves a guest for later runs. That it can't be saved is said, and no reason for a run to fail.</summary>
/// <param name="store">Where the snapshot is published.</param>
/// <param name="snapshot">Where the guest is written; removed where the disk has no room for it.</param>
/// <param name="progress">Is told why the guest can't be saved; may be null.</param>
internal sealed class GuestSaving(SnapshotStore store, Snapshot snapshot, IProgress<GuestProgress>? progress)
{
    /// <summary>Writes a paused guest to the snapshot. The guest stays paused.</summary>
    /// <param name="life">The guest.</param>
    /// <param name="memory">The memory of the guest.</param>
    /// <param name="addOverlay">Writes what belongs to the overlay of the guest; null where the guest has none mounted.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>
    /// False where the disk has no room for the snapshot. Else <see cref="PublishAsync"/> is to be called; only the machine's end need wait for it.
    /// </returns>
    /// <exception cref="MachineException">QEMU can't save the guest, or failed.</exception>
    public async Task<bool> TrySaveAsync(GuestLife life, GuestMemory memory, Action? addOverlay, CancellationToken cancellationToken)
    {
        try
        {
            await life.SaveAsync(snapshot, memory, cancellationToken);
            if (addOverlay is not null) await Task.Run(addOverlay, cancellationToken);
            return true;
        }
        catch (IOException exception)
        {
            // The cache's disk may be full: the guest can go on all the same.
            GiveUp(exception);
            return false;
        }
    }

    /// <summary>Publishes the snapshot: later runs find it.</summary>
    public async Task PublishAsync()
    {
        // To its end, though the job may have ended before: it takes a fraction of a second, and a later run's boot takes seconds.
        try
        {
            await snapshot.SealAsync();
            store.Publish(snapshot);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            TellOfNone(exception);
        }
        finally
        {
            snapshot.Remove();
        }
    }

    /// <summary>Removes what is written of the snapshot, and says that later runs will not find the guest saved.</summary>
    public void GiveUp(Exception reason)
    {
        snapshot.Remove();
        TellOfNone(reason);
    }

    private void TellOfNone(Exception reason) =>
        progress?.Report(new GuestProgress.Notice($"The guest could not be saved for later runs: {reason.Message}"));
}
