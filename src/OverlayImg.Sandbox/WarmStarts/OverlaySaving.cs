using System.Diagnostics;
using OverlayImg.Sandbox.Jobs;
using OverlayImg.Sandbox.Qemu;
using OverlayImg.Sandbox.Qmp;

namespace OverlayImg.Sandbox.WarmStarts;

/// <summary>
/// Saves a warm guest once more when it has mounted the overlay of its job: what that takes is the same for every job over the same base image
/// (vm-images/PROTOCOL.md, "Saving a guest").
/// </summary>
internal sealed class OverlaySaving : IDisposable
{
    private readonly SnapshotStore _store;
    private readonly IDisposable _turn;
    private readonly IProgress<GuestProgress>? _progress;

    private OverlaySaving(SnapshotStore store, IDisposable turn, IProgress<GuestProgress>? progress) =>
        (_store, _turn, _progress) = (store, turn, progress);

    /// <summary>The guest's memory: a file that QEMU is to share.</summary>
    public GuestMemory Memory { get; } = new();

    /// <summary>Copies the memory of the snapshot that a guest goes on from. Null where that guest can't be saved, or another run does it.</summary>
    /// <param name="store">Where it will be saved.</param>
    /// <param name="past">The snapshot.</param>
    /// <param name="progress">Is told why it could not be saved; may be null.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<OverlaySaving?> PrepareAsync(
        SnapshotStore store, Snapshot past, IProgress<GuestProgress>? progress, CancellationToken cancellationToken)
    {
        if (store.TryTakeTurn() is not { } turn) return null;
        OverlaySaving? saving = null;
        try
        {
            saving = new(store, turn, progress);
            await saving.Memory.FillAsync(past.MemoryPath, cancellationToken);
            return saving;
        }
        catch (Exception exception)
        {
            saving?.Dispose();
            turn.Dispose();
            if (exception is not IOException) throw;
            // No room in the host's memory, or the snapshot has just been removed: the guest will do without, or tell.
            return null;
        }
    }

    /// <summary>Saves the guest, which is READY with the overlay mounted and all of it written, and has it go on until it is READY again.</summary>
    /// <param name="machine">The guest's.</param>
    /// <param name="job">What it has the overlay for.</param>
    /// <param name="disks">The job's, behind the slots.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="MachineException">QEMU or the guest failed.</exception>
    /// <exception cref="GuestTimeoutException">The guest did not become READY again in time.</exception>
    /// <exception cref="QmpException">QEMU refuses, or went away.</exception>
    public async Task SaveAsync(GuestMachine machine, GuestJob job, GuestDisks disks, CancellationToken cancellationToken)
    {
        // Disks that were made a moment ago belong to a base image that may never come again; and a change of theirs might not show.
        if (Snapshot.FilesOf(job.ParentDisks) is not { } parents || _store.Prepare() is not { } snapshot) return;
        var began = Stopwatch.GetTimestamp();
        try
        {
            await machine.Monitor.ExecuteAsync("stop", null, cancellationToken);
            await disks.UnplugReadOnlyAsync(machine.Monitor, cancellationToken);
            var publish = await SaveAsync(machine, snapshot, () => snapshot.AddOverlay(job.UpperDisk, parents, cancellationToken), cancellationToken);
            await machine.GoOnAsync(
                token => disks.PlugReadOnlyAsync(machine.DirectoryPath, machine.Monitor, token), default, cancellationToken);
            machine.TimeToReady += Stopwatch.GetElapsedTime(began);
            machine.Beside = publish();
        }
        catch
        {
            snapshot.Remove();
            throw;
        }
    }

    // A guest that QEMU can't save, but still has, can go on.
    private async Task<Func<Task>> SaveAsync(GuestMachine machine, Snapshot snapshot, Action more, CancellationToken cancellationToken)
    {
        var saving = new GuestSaving(_store, _progress);
        try
        {
            return await saving.SaveAsync(machine, snapshot, Memory, more, cancellationToken);
        }
        catch (GuestException exception) when (!machine.Process.EndedToken.IsCancellationRequested)
        {
            snapshot.Remove();
            saving.TellOfNone(exception);
            return () => Task.CompletedTask;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Memory.Dispose();
        _turn.Dispose();
    }
}
