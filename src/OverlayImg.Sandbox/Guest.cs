using System.Globalization;
using OverlayImg.Sandbox.Jobs;
using OverlayImg.Sandbox.Qemu;
using OverlayImg.Sandbox.Settings;
using OverlayImg.Sandbox.WarmStarts;

namespace OverlayImg.Sandbox;

/// <summary>A guest that is READY for its one job. Disposing of it ends it, whatever it does, and leaves neither a process nor a file.</summary>
public sealed class Guest : IAsyncDisposable
{
    private readonly GuestOptions _options;
    private readonly Task _abandoned;
    private GuestMachine _machine;
    private bool _used;

    /// <summary>Takes over the machine.</summary>
    /// <param name="machine">READY.</param>
    /// <param name="options">What it was started with.</param>
    /// <param name="abandoned">The end of another machine that was started beside it, which must not be forgotten.</param>
    internal Guest(GuestMachine machine, GuestOptions options, Task abandoned) => (_machine, _options, _abandoned) = (machine, options, abandoned);

    /// <summary>What it runs on.</summary>
    public Accelerator Accelerator => _machine.Accelerator;

    /// <summary>Whether it goes on from a guest that an earlier run booted.</summary>
    public bool IsWarm => _machine.IsWarm;

    /// <summary>Whether it was saved with the overlay of its job mounted. Before it has its job: whether it was saved with the one that was named.</summary>
    public bool IsMounted => _machine.Mounted is not null;

    /// <summary>From the start of QEMU to READY.</summary>
    public TimeSpan TimeToReady => _machine.TimeToReady;

    /// <summary>Version of QEMU: "7.2.22".</summary>
    public string QemuVersion => _machine.Monitor.QemuVersion;

    /// <summary>Identity of QEMU's process, for those who watch it.</summary>
    internal int ProcessId => _machine.Process.Id;

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
        if (_used) throw new InvalidOperationException("A guest does one job.");
        _used = true;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (job.Timeout is { } timeout) ending.CancelAfter(timeout);
        var phases = new PhaseTimes(progress);
        try
        {
            if (_machine.Mounted is { } snapshot && !await TryWakeAsync(snapshot, job, phases, progress, ending.Token))
            {
                await _machine.DisposeAsync();
                _machine = await MachineStart.RunAsync(QemuProgram.Find(_options.Qemu), _options with { Overlay = null }, Accelerator, progress, ending.Token);
            }

            return await new JobRun(_machine, job, _options, phases, progress).RunAsync(log, ending.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && job.Timeout is not null)
        {
            var seconds = (job.RunTimeout ?? job.Timeout.Value).TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
            throw new GuestTimeoutException($"The {(job.RunTimeout is null ? "job" : "run")} did not end within {seconds} s{phases.WhereItWas}")
            {
                Advice = new("Give it longer.", GuestSetting.Timeout),
                LogTail = _machine.Log.Tail.LastLines(Tails.LogLines),
            };
        }
    }

    // A snapshot that can't be used costs a boot, and no more.
    private async Task<bool> TryWakeAsync(
        Snapshot snapshot, GuestJob job, PhaseTimes phases, IProgress<GuestProgress>? progress, CancellationToken cancellationToken)
    {
        try
        {
            var command = JobParameters.Command(job, _options.Network);
            if (await MountedGuest.TryWakeAsync(_machine, snapshot, job, command, phases, cancellationToken)) return true;
            SnapshotStore.Drop(snapshot);
            return false;
        }
        catch (Exception exception) when (exception is IOException or GuestException || (exception is GuestTimeoutException && _options.BootTimeout is null))
        {
            MachineStart.DropUnusable(snapshot, exception, progress);
            return false;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _machine.DisposeAsync();
        await _abandoned;
    }
}
