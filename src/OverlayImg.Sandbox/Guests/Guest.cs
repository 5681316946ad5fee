using System.Globalization;
using OverlayImg.Sandbox.Accelerators;
using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Jobs;
using OverlayImg.Sandbox.Machines;
using OverlayImg.Sandbox.Qemu;
using OverlayImg.Sandbox.Settings;
using OverlayImg.Sandbox.Snapshots;
using OverlayImg.Sandbox.WarmStarts;

namespace OverlayImg.Sandbox.Guests;

/// <summary>A guest that is READY for its one job. Disposing ends the guest and QEMU, and removes the guest's files.</summary>
public sealed class Guest : IAsyncDisposable
{
    private readonly GuestOptions _options;
    private readonly Task _abandoned;
    private StartedGuest _guest;

    /// <summary>Takes ownership of a started guest.</summary>
    /// <param name="guest">The guest, which waits for its job.</param>
    /// <param name="abandoned">The end of another guest that was started beside this one. Disposing waits for it.</param>
    internal Guest(StartedGuest guest, GuestOptions options, Task abandoned) => (_guest, _options, _abandoned) = (guest, options, abandoned);

    /// <summary>The accelerator of the guest.</summary>
    public Accelerator Accelerator => _guest.Life.Accelerator;

    /// <summary>Whether the guest was started from a snapshot.</summary>
    public bool IsWarm => _guest.Snapshot is not null;

    /// <summary>
    /// Whether the guest was started from a snapshot with the overlay of its job mounted. False after the job if the job's parents differed from the
    /// snapshot's, because another guest took over.
    /// </summary>
    public bool IsMounted => _guest.IsMounted;

    /// <summary>Time from the start of QEMU to READY.</summary>
    public TimeSpan TimeToReady => _guest.Life.TimeToReady;

    /// <summary>Version of QEMU: "7.2.22".</summary>
    public string QemuVersion => _guest.Life.QemuVersion;

    internal int ProcessId => _guest.Life.ProcessId;

    /// <summary>Runs the job and waits for its result. Afterwards the upper disk is complete and QEMU has ended.</summary>
    /// <param name="log">Receives the output of the scripts as it arrives. The stream is not closed.</param>
    /// <param name="progress">Receives the phases and the guest's warnings; may be null.</param>
    /// <exception cref="ScriptException">A script ended with a status other than 0.</exception>
    /// <exception cref="GuestTimeoutException">The job exceeded its time limit.</exception>
    /// <exception cref="MachineException">A disk can't be opened, the host's disk is full, or QEMU or the guest failed.</exception>
    /// <exception cref="InvalidOperationException">The guest has already had a job.</exception>
    public async Task<JobResult> RunAsync(GuestJob job, Stream log, IProgress<GuestProgress>? progress, CancellationToken cancellationToken)
    {
        if (_guest.Life.State is GuestState.Running or GuestState.Done) throw new InvalidOperationException("A guest does one job.");
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (job.Timeout is { } timeout) ending.CancelAfter(timeout);
        var phases = new PhaseTimes(job.Steps.Count, progress);
        try
        {
            if (_guest is { IsMounted: true, Snapshot: { } snapshot } && !await TryRunMountedAsync(snapshot, job, phases, progress, ending.Token))
            {
                await _guest.DisposeAsync();
                var options = _options with { Overlay = null };
                _guest = await ShortestStart.RunAsync(QemuProgram.Find(_options.Qemu), options, Accelerator, progress, ending.Token);
            }

            return await new JobRun(_guest, job, _options, phases, progress).RunAsync(log, ending.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && job.Timeout is not null)
        {
            var seconds = (job.RunTimeout ?? job.Timeout.Value).TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
            throw new GuestTimeoutException($"The {(job.RunTimeout is null ? "job" : "run")} did not end within {seconds} s{phases.PhaseSuffix}")
            {
                Advice = new("Give the run more time.", GuestSetting.Timeout),
                LogTail = _guest.Life.LogTail,
            };
        }
    }

    // Returns false if the snapshot can't be used. The caller then starts another guest.
    private async Task<bool> TryRunMountedAsync(
        Snapshot snapshot, GuestJob job, PhaseTimes phases, IProgress<GuestProgress>? progress, CancellationToken cancellationToken)
    {
        try
        {
            var command = JobParameters.Command(job, _options.Network);
            if (await MountedGuest.TryRunAsync(_guest.Life, snapshot, job, command, cancellationToken) is not { } took)
            {
                SnapshotStore.Drop(snapshot);
                return false;
            }

            phases.Plugging = took;
            return true;
        }
        catch (Exception exception) when (exception is IOException or GuestException
            || (exception is GuestTimeoutException && _options.BootTimeout is null))
        {
            ShortestStart.DropUnusable(snapshot, exception, progress);
            return false;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _guest.DisposeAsync();
        await _abandoned;
    }
}
