using System.Diagnostics;
using OverlayImg.FileSystems.Ext4.Reading;
using OverlayImg.Sandbox.Ports;
using OverlayImg.Sandbox.Qemu;
using OverlayImg.Sandbox.Qmp;

namespace OverlayImg.Sandbox.Jobs;

/// <summary>One job on one machine, from plugging the disks, where that is not done, to the end of QEMU.</summary>
/// <param name="machine">The machine, READY.</param>
/// <param name="job">The job.</param>
/// <param name="options">What the guest was started with.</param>
/// <param name="phases">Is told when a phase begins.</param>
/// <param name="progress">Is told the guest's warnings; may be null.</param>
internal sealed class JobRun(GuestMachine machine, GuestJob job, GuestOptions options, PhaseTimes phases, IProgress<GuestProgress>? progress)
{
    private const int MostWarnings = 64;

    private long _resultAt;
    private readonly Dictionary<int, CacheState> _caches = [];
    private int _warnings;

    /// <summary>Does the job. Afterwards, however it ends, QEMU has ended and nobody writes to <paramref name="log"/> any more.</summary>
    public async Task<JobResult> RunAsync(Stream log, CancellationToken cancellationToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var copying = CopyLogAsync(log, stopping);
        try
        {
            var message = await ConverseAsync(copying, stopping.Token);
            await machine.QuitAsync();
            await copying;
            // Only now every event of QEMU is known: a disk that failed spoils the result, whatever the guest thought of it.
            if (machine.Trouble is { } trouble) throw trouble;
            return Judge(message);
        }
        catch (InvalidDataException exception)
        {
            throw machine.ProtocolError(exception);
        }
        catch (QmpException exception)
        {
            throw await machine.FailureAsync(exception);
        }
        catch (OperationCanceledException) when (copying.IsFaulted)
        {
            await copying;
            throw;
        }
        finally
        {
            await machine.EndAsync();
            await stopping.CancelAsync();
            await copying.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    // Output that nobody takes any more (a closed pipe) ends the job.
    private async Task CopyLogAsync(Stream log, CancellationTokenSource stopping)
    {
        try
        {
            await machine.Log.CopyToAsync(log, stopping.Token);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            await stopping.CancelAsync();
            throw;
        }
    }

    private async Task<ControlMessage> ConverseAsync(Task copying, CancellationToken cancellationToken)
    {
        // A guest that goes on with its disks got its job with them.
        if (machine.Mounted is null) await StartAsync(cancellationToken);

        var result = await AnswerAsync(cancellationToken);
        if (result is not (ControlMessage.Succeeded or ControlMessage.Failed)) throw new InvalidDataException($"'{result}' during a job");
        _resultAt = Stopwatch.GetTimestamp();
        phases.End();
        await machine.Log.DrainAsync(copying, () => machine.Monitor.ExecuteAsync("query-status", null, cancellationToken), cancellationToken);
        return result;
    }

    // The guest is told of its disks, and of its job at once, unless it is to be saved in between: without its caches, which are for this job alone.
    private async Task StartAsync(CancellationToken cancellationToken)
    {
        var disks = new GuestDisks(job);
        await MountAsync(disks, cancellationToken);
        var began = Stopwatch.GetTimestamp();
        await disks.PlugCachesAsync(machine.DirectoryPath, machine.Monitor, cancellationToken);
        phases.Plugging += Stopwatch.GetElapsedTime(began);
        await machine.Control.SendAsync(disks.CacheCommand(), cancellationToken);
        await machine.Control.SendAsync(JobParameters.Command(job, options.Network), cancellationToken);
    }

    private async Task MountAsync(GuestDisks disks, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        await disks.PlugAsync(machine.DirectoryPath, machine.Monitor, cancellationToken);
        phases.Plugging = Stopwatch.GetElapsedTime(began);
        await machine.Control.SendAsync(disks.Command(), cancellationToken);
        if (machine.OverlaySaving is not { } saving) return;
        await machine.Control.SendAsync("OVERLAY", cancellationToken);
        if (await AnswerAsync(cancellationToken) is not ControlMessage.Ready) throw new InvalidDataException("no READY with the overlay mounted");
        phases.End();
        await saving.SaveAsync(machine, job, disks, cancellationToken);
    }

    // What the guest says besides the phases that it begins.
    private async Task<ControlMessage> AnswerAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            switch (await machine.Control.ReadAsync(cancellationToken))
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
                case ControlMessage.GuestError { Sentence: var sentence }:
                    throw machine.GuestError(sentence);
                case null:
                    throw await machine.FailureAsync();
                case var message:
                    return message;
            }
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
            LastLines = machine.Log.Tail.LastLines(Tails.LogLines),
        };
        if (failed is null) return result;
        // A damaged file system tells the guest that nothing is free.
        throw result.NoSpace && Ext4Reader.IsKnownToBeDamaged(job.UpperDisk) ? ScriptFailure.OnDamagedDisk(result) : ScriptFailure.Of(result, options);
    }
}
