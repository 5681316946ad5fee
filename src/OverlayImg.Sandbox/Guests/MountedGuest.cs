using System.Diagnostics;
using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Jobs;
using OverlayImg.Sandbox.Machines;
using OverlayImg.Sandbox.Qemu;
using OverlayImg.Sandbox.Snapshots;

namespace OverlayImg.Sandbox.Guests;

/// <summary>Runs a job on a guest from a snapshot with its overlay mounted.</summary>
internal static class MountedGuest
{
    /// <summary>
    /// Replaces the job's upper disk by a copy of the saved one, attaches all disks, resumes the guest, and sends the job. The job's own upper disk
    /// has no contents that the saved one lacks. After a failure the job's own upper disk is back in its place.
    /// </summary>
    /// <param name="life">The paused guest.</param>
    /// <param name="snapshot">The snapshot that the guest was loaded from.</param>
    /// <param name="command">The line JOB and the parameters.</param>
    /// <returns>The time that this took; null, without any change, if the job's parent disks are not those that the guest had mounted.</returns>
    /// <exception cref="IOException">The snapshot has been removed, or the upper disk can't be written.</exception>
    /// <exception cref="MachineException">QEMU or the guest failed.</exception>
    /// <exception cref="GuestTimeoutException">The guest did not become READY in time.</exception>
    public static async Task<TimeSpan?> TryRunAsync(
        GuestLife life, Snapshot snapshot, GuestJob job, ReadOnlyMemory<byte> command, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        if (!snapshot.HasParents(job.ParentDisks)) return null;
        var disks = new GuestDisks(job);
        var backup = job.UpperDisk + ".own";
        File.Move(job.UpperDisk, backup);
        try
        {
            await Task.Run(() => snapshot.CopyUpper(job.UpperDisk, cancellationToken), cancellationToken);
            await life.RunAsync(disks, command, cancellationToken);
            File.Delete(backup);
        }
        catch
        {
            File.Move(backup, job.UpperDisk, overwrite: true);
            throw;
        }

        return Stopwatch.GetElapsedTime(began);
    }
}
