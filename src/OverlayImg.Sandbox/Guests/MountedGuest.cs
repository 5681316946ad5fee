using System.Diagnostics;
using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Jobs;
using OverlayImg.Sandbox.Machines;
using OverlayImg.Sandbox.Qemu;
using OverlayImg.Sandbox.Snapshots;

namespace OverlayImg.Sandbox.Guests;

/// <summary>Gives a guest that was loaded with its overlay mounted the disks back that it had, and its job.</summary>
internal static class MountedGuest
{
    /// <summary>
    /// Puts the upper disk as it was saved in the place of the job's, which holds nothing else than the saved one held at first, plugs all disks,
    /// wakes the guest, and sends the guest its job. Where that fails, the job's own upper disk is in its place again.
    /// </summary>
    /// <param name="life">The guest, paused.</param>
    /// <param name="snapshot">The snapshot that the guest was loaded from.</param>
    /// <param name="job">The job.</param>
    /// <param name="command">The job as the guest is sent it.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>How long that took; null, and nothing is done, where the parents' disks are not those that the guest had.</returns>
    /// <exception cref="IOException">The snapshot is not there any more, or the upper disk can't be written.</exception>
    /// <exception cref="MachineException">QEMU or the guest failed.</exception>
    /// <exception cref="GuestTimeoutException">The guest did not become READY in time.</exception>
    public static async Task<TimeSpan?> TryRunAsync(
        GuestLife life, Snapshot snapshot, GuestJob job, ReadOnlyMemory<byte> command, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        if (!snapshot.HasParents(job.ParentDisks)) return null;
        var disks = new GuestDisks(job);
        var own = job.UpperDisk + ".own";
        File.Move(job.UpperDisk, own);
        try
        {
            await Task.Run(() => snapshot.CopyUpper(job.UpperDisk, cancellationToken), cancellationToken);
            await life.RunAsync(disks, command, cancellationToken);
            File.Delete(own);
        }
        catch
        {
            File.Move(own, job.UpperDisk, overwrite: true);
            throw;
        }

        return Stopwatch.GetElapsedTime(began);
    }
}
