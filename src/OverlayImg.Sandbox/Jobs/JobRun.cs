using System.Diagnostics;
using System.Globalization;
using OverlayImg.Sandbox.Ports;
using OverlayImg.Sandbox.Qemu;
using OverlayImg.Sandbox.Qmp;

namespace OverlayImg.Sandbox.Jobs;

/// <summary>One job on one machine, from plugging the disks to the end of QEMU.</summary>
internal sealed class JobRun(GuestMachine machine, GuestJob job, GuestOptions options, IProgress<GuestProgress>? progress)
{
    private const int MaximumPhases = 16;

    private readonly List<(JobPhase Phase, long Began)> _phases = [];
    private TimeSpan _pluggingTime;
    private long _resultAt;

    /// <summary>" (phase 'script')": for a message about a job that was cut short.</summary>
    public string WhereItWas => _phases.Count == 0 ? "" : $" (phase '{ControlMessage.NameOf(_phases[^1].Phase)}')";

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
        var disks = await PlugAsync(cancellationToken);
        await machine.Control.SendAsync(string.Create(CultureInfo.InvariantCulture, $"JOB {disks}"), cancellationToken);
        var result = await ResultAsync(cancellationToken);
        _resultAt = Stopwatch.GetTimestamp();
        await machine.Log.DrainAsync(copying, () => machine.Monitor.ExecuteAsync("query-status", null, cancellationToken), cancellationToken);
        return result;
    }

    private async Task<int> PlugAsync(CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        var jobDisk = Path.Combine(machine.DirectoryPath, "job.ext4");
        await Task.Run(() => JobDisk.Write(job, options.Network, jobDisk, cancellationToken), cancellationToken);
        GuestDisk[] disks =
        [
            new("job", jobDisk, Writable: false),
            new("upper", job.UpperDisk, Writable: true),
            .. job.ParentDisks.Select((path, index) => new GuestDisk(Numbered("parent", index), path, Writable: false)),
            .. job.Mounts.Select((mount, index) => new GuestDisk(Numbered("mount", index), mount.DiskPath, Writable: false)),
        ];
        await GuestDisk.PlugAsync(disks, machine.Monitor, cancellationToken);
        _pluggingTime = Stopwatch.GetElapsedTime(began);
        return disks.Length;

        static string Numbered(string name, int index) => string.Create(CultureInfo.InvariantCulture, $"{name}-{index}");
    }

    private async Task<ControlMessage> ResultAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            switch (await machine.Control.ReadAsync(cancellationToken))
            {
                case ControlMessage.PhaseBegan { Phase: var phase } when _phases.Count < MaximumPhases:
                    _phases.Add((phase, Stopwatch.GetTimestamp()));
                    progress?.Report(new GuestProgress.PhaseBegan(phase));
                    break;
                case ControlMessage.GuestError { Sentence: var sentence }:
                    throw machine.GuestError(sentence);
                case null:
                    throw await machine.FailureAsync();
                case var message and (ControlMessage.Succeeded or ControlMessage.Failed):
                    return message;
                case var other:
                    throw new InvalidDataException($"'{other}' during a job");
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
            PluggingTime = _pluggingTime,
            Phases = [.. _phases.Select((phase, index) => new PhaseTiming(phase.Phase, Stopwatch.GetElapsedTime(phase.Began, EndOf(index))))],
            ResultAt = _resultAt,
            LastLines = machine.Log.Tail.LastLines(Tails.LogLines),
        };
        return failed is null ? result : throw ScriptFailure.Of(result, options);

        long EndOf(int index) => index + 1 < _phases.Count ? _phases[index + 1].Began : _resultAt;
    }
}
