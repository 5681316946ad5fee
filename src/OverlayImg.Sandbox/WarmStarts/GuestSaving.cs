using OverlayImg.Sandbox.Machines;
using OverlayImg.Sandbox.Snapshots;

namespace OverlayImg.Sandbox.WarmStarts;

/// <summary>Saves a guest in a snapshot for later runs. A guest that can't be saved is a notice to the user and no error of the run.</summary>
/// <param name="store">The store that the snapshot is published in.</param>
/// <param name="snapshot">The unpublished snapshot. It is removed when the disk has no room for it.</param>
/// <param name="progress">Receives the reason why the guest can't be saved; may be null.</param>
internal sealed class GuestSaving(SnapshotStore store, Snapshot snapshot, IProgress<GuestProgress>? progress)
{
    /// <summary>Writes a paused guest to the snapshot. The guest stays paused.</summary>
    /// <param name="addOverlay">Adds the upper disk and the parents' identities to the snapshot; null for a guest without an overlay.</param>
    /// <returns>
    /// True if the caller must call <see cref="PublishAsync"/>, which may run beside the job. False if the disk has no room for the snapshot.
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
            // A full cache disk does not keep the guest from doing its job.
            GiveUp(exception);
            return false;
        }
    }

    /// <summary>Publishes the snapshot, so that later runs find it.</summary>
    public async Task PublishAsync()
    {
        // Not cancelled when the job ends first: publishing takes a fraction of a second, and it saves a later run a boot of seconds.
        try
        {
            await snapshot.SealAsync();
            store.Publish(snapshot);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            ReportFailure(exception);
        }
        finally
        {
            snapshot.Remove();
        }
    }

    /// <summary>Removes the unpublished snapshot and reports why the guest could not be saved.</summary>
    public void GiveUp(Exception reason)
    {
        snapshot.Remove();
        ReportFailure(reason);
    }

    private void ReportFailure(Exception reason) =>
        progress?.Report(new GuestProgress.Notice($"The guest could not be saved for later runs: {reason.Message}"));
}
