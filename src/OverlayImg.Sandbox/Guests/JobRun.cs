using System.Diagnostics;
using OverlayImg.FileSystems.Ext4.Reading;
using OverlayImg.Sandbox.Jobs;
using OverlayImg.Sandbox.Machines;
using OverlayImg.Sandbox.Ports;
using OverlayImg.Sandbox.Qemu;
using OverlayImg.Sandbox.WarmStarts;

namespace OverlayImg.Sandbox.Guests;

/// <summary>One job on one guest, from attaching the disks to the end of QEMU.</summary>
/// <param name="guest">The guest, which waits for its job or has already received it.</param>
/// <param name="phases">Collects the times of the phases.</param>
/// <param name="progress">Receives the guest's warnings; may be null.</param>
internal sealed class JobRun(StartedGuest guest, GuestJob job, GuestOptions options, PhaseTimes phases, IProgress<GuestProgress>? progress)
{
    private const int MostWarnings = 64;
    private const int MostFailureParts = 4;

    // With at most 480 bytes in a part, some 2 MiB.
    private const int MostCommandsParts = 4400;

    private readonly GuestLife _life = guest.Life;
    private readonly Dictionary<int, CacheState> _caches = [];
    private long _resultAt;
    private readonly List<byte[]> _failureParts = [];
    private readonly List<byte[]> _commandsParts = [];
    private ShellSession? _shell;
    private Task _copying = Task.CompletedTask;
    private int _warnings;
    private int _begunSteps;

    /// <summary>
    /// Runs the job. Afterwards, also after a failure, QEMU has ended and nothing writes to <paramref name="log"/> any more.
    /// </summary>
    public async Task<JobResult> RunAsync(Stream log, CancellationToken cancellationToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var shell = _shell = job.Shell is null ? null : new ShellSession(job.Shell, _life, log, stopping);
        var copying = _copying = CopyLogAsync(shell?.Output ?? log, stopping);
        try
        {
            if (_life.State is not GuestState.Running) await BeginAsync(stopping.Token);
            var result = await _life.FinishAsync(message => OnMessageAsync(message, stopping.Token), stopping.Token);
            _resultAt = Stopwatch.GetTimestamp();
            phases.End();
            await _life.QuitAsync(copying, stopping.Token);
            await copying;
            // All events of QEMU are known only now. A disk error invalidates the result, even if the guest reported success.
            if (_life.Trouble is { } trouble) throw trouble;
            return ToResult(result);
        }
        catch (OperationCanceledException) when (copying.IsFaulted)
        {
            await copying;
            throw;
        }
        catch (OperationCanceledException) when (shell?.Failure is { } failure)
        {
            throw failure;
        }
        finally
        {
            await _life.EndAsync();
            await stopping.CancelAsync();
            await copying.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    // An error of the destination, such as a closed pipe, ends the job.
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

    // Sends the disks and the job. A guest to be saved is saved in between, without the caches, which belong to this job only.
    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        var disks = new GuestDisks(job);
        if (guest.OverlaySaving is { } saving)
        {
            await _life.MountAsync(disks, OnMessage, cancellationToken);
            phases.End();
            await saving.SaveAsync(_life, job, cancellationToken);
        }

        await _life.RunAsync(disks, JobParameters.Command(job, options.Network), cancellationToken);
        phases.Plugging = _life.PluggingTime;
    }

    // Handles the guest's messages during the job, which may be those of an interactive shell.
    private Task OnMessageAsync(ControlMessage message, CancellationToken cancellationToken)
    {
        switch (message)
        {
            case ControlMessage.CommandsPart { Bytes: var bytes } when _shell is not null && _commandsParts.Count < MostCommandsParts:
                _commandsParts.Add(bytes);
                return Task.CompletedTask;
            case ControlMessage.ShellEnded { End: var end } when _shell is not null:
                return _shell.EndAsync(end, _commandsParts.SelectMany(part => part).ToArray(), _copying, cancellationToken);
            default:
                OnMessage(message);
                if (message is ControlMessage.PhaseBegan { Phase: JobPhase.Script }) _shell?.Begin();
                return Task.CompletedTask;
        }
    }

    // Handles the guest's messages other than READY, RESULT and those of an interactive shell.
    private void OnMessage(ControlMessage message)
    {
        switch (message)
        {
            case ControlMessage.PhaseBegan { Phase: var phase } began:
                if (phase is JobPhase.Script) _begunSteps++;
                if (!phases.TryBegin(phase)) throw new InvalidDataException($"'{began}' after all the phases that a job can have");
                break;
            case ControlMessage.CacheEnded { Index: var index, State: var state } when index < job.Caches.Count:
                _caches[index] = state;
                break;
            case ControlMessage.FailurePart { Bytes: var bytes } when _failureParts.Count < MostFailureParts:
                _failureParts.Add(bytes);
                break;
            case ControlMessage.Warning { Sentence: var sentence }:
                if (++_warnings > MostWarnings) throw new InvalidDataException($"more than {MostWarnings} warnings");
                progress?.Report(new GuestProgress.Warning($"In the guest: {sentence}."));
                break;
            default:
                throw new InvalidDataException($"'{message}' during a job");
        }
    }

    private JobResult ToResult(ControlMessage message)
    {
        var failed = message as ControlMessage.Failed;
        var result = new JobResult
        {
            Status = failed?.Status ?? 0,
            FailedPhase = failed?.Phase,
            FailedScript = failed is null
                ? null
                : FailedScript.Of(job, failed.Phase, _begunSteps, failed.Status, _failureParts.SelectMany(part => part).ToArray()),
            OutOfMemory = failed?.OutOfMemory ?? false,
            NoSpace = failed?.NoSpace ?? false,
            Caches = _caches,
            PluggingTime = phases.Plugging,
            Phases = phases.Timings,
            ResultAt = _resultAt,
            LastLines = _life.LogTail,
        };
        if (failed is null) return result;
        if (job.Shell is not null && failed.Phase is JobPhase.Script) throw ScriptFailure.OfShell(result);
        // A damaged file system looks full to the guest.
        throw result.NoSpace && Ext4Reader.IsKnownToBeDamaged(job.UpperDisk)
            ? ScriptFailure.OnDamagedDisk(result)
            : ScriptFailure.Of(result, options.MemoryMiB, options.Network);
    }
}
