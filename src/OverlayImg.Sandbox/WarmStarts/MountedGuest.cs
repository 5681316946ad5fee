using System.Diagnostics;
using OverlayImg.Sandbox.Jobs;
using OverlayImg.Sandbox.Qemu;

namespace OverlayImg.Sandbox.WarmStarts;

/// <summary>Gives a guest that was saved with its overlay mounted the disks back that it had, and has it go on with its job.</summary>
internal static class MountedGuest
{
    /// <summary>
    /// Puts the upper disk as it was saved in the place of the job's, which holds nothing else than that one held at first, plugs all disks, wakes the guest, and sends it its job.
    /// Where that fails, the job's own upper disk is in its place again.
    /// </summary>
    /// <param name="machine">Stands still.</param>
    /// <param name="snapshot">What it was restored from.</param>
    /// <param name="job">Whose disks are plugged.</param>
    /// <param name="command">The job as the guest is sent it.</param>
    /// <param name="phases">Is told how long plugging took.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>False, and nothing is done, where the parents' disks are not those that the guest had.</returns>
    /// <exception cref="IOException">The snapshot is not there any more, or the upper disk can't be written.</exception>
    /// <exception cref="MachineException">QEMU or the guest failed.</exception>
    /// <exception cref="GuestTimeoutException">The guest did not become READY in time.</exception>
    public static async Task<bool> TryWakeAsync(
        GuestMachine machine, Snapshot snapshot, GuestJob job, ReadOnlyMemory<byte> command, PhaseTimes phases, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        if (!snapshot.HasParents(job.ParentDisks)) return false;
        var disks = new GuestDisks(job);
        var own = job.UpperDisk + ".own";
        File.Move(job.UpperDisk, own);
        try
        {
            await Task.Run(() => snapshot.CopyUpper(job.UpperDisk, cancellationToken), cancellationToken);
            await machine.GoOnAsync(
                async token =>
                {
                    await disks.PlugAsync(machine.DirectoryPath, machine.Monitor, token);
                    await disks.PlugCachesAsync(machine.DirectoryPath, machine.Monitor, token);
                }, (byte[])[.. disks.CacheCommand(), .. command.Span], cancellationToken);
            File.Delete(own);
        }
        catch
        {
            File.Move(own, job.UpperDisk, overwrite: true);
            throw;
        }

        phases.Plugging = Stopwatch.GetElapsedTime(began);
        return true;
    }
}
