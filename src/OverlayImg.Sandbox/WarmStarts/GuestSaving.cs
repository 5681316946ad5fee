using OverlayImg.Sandbox.Qemu;

namespace OverlayImg.Sandbox.WarmStarts;

/// <summary>Saves a guest for later runs. That it can't be saved is said, and no reason for a run to fail.</summary>
/// <param name="store">Where.</param>
/// <param name="progress">Is told why not; may be null.</param>
internal sealed class GuestSaving(SnapshotStore store, IProgress<GuestProgress>? progress)
{
    /// <summary>Saves a guest that is READY, as <see cref="GuestMachine.SaveAsync"/> does; it stands still afterwards.</summary>
    /// <param name="machine">The guest's.</param>
    /// <param name="snapshot">Where it is written; removed where the disk has no room for it.</param>
    /// <param name="memory">The guest's.</param>
    /// <param name="more">Writes what else belongs to the snapshot; may be null.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>What makes the snapshot one that later runs find. Nobody need wait for it but the machine's end.</returns>
    /// <exception cref="MachineException">QEMU can't save it, or failed.</exception>
    public async Task<Func<Task>> SaveAsync(
        GuestMachine machine, Snapshot snapshot, GuestMemory memory, Action? more, CancellationToken cancellationToken)
    {
        try
        {
            await machine.SaveAsync(snapshot, memory, cancellationToken);
            if (more is not null) await Task.Run(more, cancellationToken);
            return () => PublishAsync(snapshot);
        }
        catch (IOException exception)
        {
            // The cache's disk may be full: the guest can go on all the same.
            snapshot.Remove();
            TellOfNone(exception);
            return () => Task.CompletedTask;
        }
    }

    /// <summary>Says that later runs will not find it saved.</summary>
    public void TellOfNone(Exception exception) =>
        progress?.Report(new GuestProgress.Notice($"The guest could not be saved for later runs: {exception.Message}"));

    // To its end, though the job may have ended before: it takes a fraction of a second, and a later run's boot takes seconds.
    private async Task PublishAsync(Snapshot snapshot)
    {
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
}
