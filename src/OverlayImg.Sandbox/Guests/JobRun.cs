using System.Diagnostics;
using OverlayImg.FileSystems.Ext4.Reading;
using OverlayImg.Sandbox.Jobs;
using OverlayImg.Sandbox.Machines;
using OverlayImg.Sandbox.Ports;
using OverlayImg.Sandbox.Qemu;
using OverlayImg.Sandbox.WarmStarts;

namespace OverlayImg.Sandbox.Guests;

/// <summary>One job on one guest, from plugging the disks, where that is not done, to the end of QEMU.</summary>
/// <param name="guest">The guest, which waits for its job, or has got it.</param>
/// <param name="job">The job.</param>
/// <param name="options">What the guest was started with.</param>
/// <param name="phases">Is told when a phase begins.</param>
/// <param name="progress">Is told the guest's warnings; may be null.</param>
internal sealed class JobRun(StartedGuest guest, GuestJob job, GuestOptions options, PhaseTimes phases, IProgress<GuestProgress>? progress)
{
    private const int MostWarnings = 64;

    private readonly GuestLife _life = guest.Life;
    private readonly Dictionary<int, CacheState> _caches = [];
    private long _resultAt;
    private int _warnings;

    /// <summary>Does the job. Afterwards, however it ends, QEMU has ended and nobody writes to <paramref name="log"/> any more.</summary>
    public async Task<JobResult> RunAsync(Stream log, CancellationToken cancellationToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var copying = CopyLogAsync(log, stopping);
        try
        {
            if (_life.State is not GuestState.Running) await BeginAsync(stopping.Token);
            var result = await _life.FinishAsync(Hear, stopping.Token);
            _resultAt = Stopwatch.GetTimestamp();
            phases.End();
            await _life.QuitAsync(copying, stopping.Token);
            await copying;
            // Only now every event of QEMU is known: a disk that failed spoils the result, whatever the guest thought of it.
            if (_life.Trouble is { } trouble) throw trouble;
            return Judge(result);
        }
        catch (OperationCanceledException) when (copying.IsFaulted)
        {
            await copying;
            throw;
        }
        finally
        {
            await _life.EndAsync();
            await stopping.CancelAsync();
            await copying.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    // Output that nobody takes any more (a closed pipe) ends the job.
    private async Task CopyLogAsync(Stream log, CancellationTokenSource stopping)
    {
        try
        {
            await _life.CopyLogAsync(log, stopping.Token);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            await stopping.CancelAsync();
            throw;
        }
    }

    // The guest is told of its disks, and of its job at once, unless it is to be saved in between: without its caches, which are for this job alone.
    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        var disks = new GuestDisks(job);
        if (guest.OverlaySaving is { } saving)
        {
            await _life.MountAsync(disks, Hear, cancellationToken);
            phases.End();
            await saving.SaveAsync(_life, job, cancellationToken);
        }

        await _life.RunAsync(disks, JobParameters.Command(job, options.Network), cancellationToken);
        phases.Plugging = _life.PluggingTime;
    }

    // What the guest says besides READY and RESULT.
    private void Hear(ControlMessage message)
    {
        switch (message)
        {
            case ControlMessage.PhaseBegan { Phase: var phase } began:
                if (!phases.TryBegin(phase)) throw new InvalidDataException($"'{began}' after all the phases that a job can have");
                break;
            case ControlMessage.CacheEnded { Index: var index, State: var state } when index < job.Caches.Count:
                _caches[index] = state;
                break;
            case ControlMessage.Warning { Sentence: var sentence }:
                if (++_warnings > MostWarnings) throw new InvalidDataException($"more than {MostWarnings} warnings");
                progress?.Report(new GuestProgress.Warning($"In the guest: {sentence}."));
                break;
            default:
                throw new InvalidDataException($"'{message}' during a job");
        }
    }

    private JobResult Judge(ControlMessage message)
    {
        var failed = message as ControlMessage.Failed;
        var result = new JobResult
        {
            Status = failed?.Status ?? 0,
            FailedPhase = failed?.Phase,
            OutOfMemory = failed?.OutOfMemory ?? false,
            NoSpace = failed?.NoSpace ?? false,
            Caches = _caches,
            PluggingTime = phases.Plugging,
            Phases = phases.Timings,
            ResultAt = _resultAt,
            LastLines = _life.LogTail,
        };
        if (failed is null) return result;
        // A damaged file system tells the guest that nothing is free.
        throw result.NoSpace && Ext4Reader.IsKnownToBeDamaged(job.UpperDisk)
            ? ScriptFailure.OnDamagedDisk(result)
            : ScriptFailure.Of(result, options);
    }
}
