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

/// <summary>A guest that is READY for its one job. Disposing of it ends it, whatever it does, and leaves neither a process nor a file.</summary>
public sealed class Guest : IAsyncDisposable
{
    private readonly GuestOptions _options;
    private readonly Task _abandoned;
    private StartedGuest _guest;

    /// <summary>Takes over a guest.</summary>
    /// <param name="guest">The guest, which waits for its job.</param>
    /// <param name="options">What the guest was started with.</param>
    /// <param name="abandoned">The end of another guest that was started beside this one, which must not be forgotten.</param>
    internal Guest(StartedGuest guest, GuestOptions options, Task abandoned) => (_guest, _options, _abandoned) = (guest, options, abandoned);

    /// <summary>What it runs on.</summary>
    public Accelerator Accelerator => _guest.Life.Accelerator;

    /// <summary>Whether it goes on from a guest that an earlier run booted.</summary>
    public bool IsWarm => _guest.Snapshot is not null;

    /// <summary>Whether it was saved with the overlay of its job mounted. Before it has its job: whether it was saved with the one that was named.</summary>
    public bool IsMounted => _guest.IsMounted;

    /// <summary>From the start of QEMU to READY.</summary>
    public TimeSpan TimeToReady => _guest.Life.TimeToReady;

    /// <summary>Version of QEMU: "7.2.22".</summary>
    public string QemuVersion => _guest.Life.QemuVersion;

    /// <summary>Identity of QEMU's process, for those who watch it.</summary>
    internal int ProcessId => _guest.Life.ProcessId;

    /// <summary>Plugs the disks, has the scripts run, and waits for the result. Then the upper disk is whole and QEMU has ended.</summary>
    /// <param name="job">What to do.</param>
    /// <param name="log">Gets the output of the scripts while it comes; it is not closed.</param>
    /// <param name="progress">Is told when a phase begins; may be null.</param>
    /// <param name="cancellationToken">Ends the guest at once.</param>
    /// <exception cref="ScriptException">A script ended with a status other than 0.</exception>
    /// <exception cref="GuestTimeoutException">The job took longer than its timeout.</exception>
    /// <exception cref="MachineException">A disk can't be opened, the host's disk is full, or QEMU or the guest failed.</exception>
    /// <exception cref="InvalidOperationException">The guest had its job already.</exception>
    public async Task<JobResult> RunAsync(GuestJob job, Stream log, IProgress<GuestProgress>? progress, CancellationToken cancellationToken)
    {
        if (_guest.Life.State is GuestState.Running or GuestState.Done) throw new InvalidOperationException("A guest does one job.");
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (job.Timeout is { } timeout) ending.CancelAfter(timeout);
        var phases = new PhaseTimes(progress);
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
            throw new GuestTimeoutException($"The {(job.RunTimeout is null ? "job" : "run")} did not end within {seconds} s{phases.WhereItWas}")
            {
                Advice = new("Give it longer.", GuestSetting.Timeout),
                LogTail = _guest.Life.LogTail,
            };
        }
    }

    // A snapshot that can't be used costs a boot, and no more.
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
        catch (Exception exception) when (exception is IOException or GuestException || (exception is GuestTimeoutException && _options.BootTimeout is null))
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
