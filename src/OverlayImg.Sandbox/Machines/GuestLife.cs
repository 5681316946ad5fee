using System.Diagnostics;
using OverlayImg.Sandbox.Accelerators;
using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Ports;
using OverlayImg.Sandbox.Qemu;
using OverlayImg.Sandbox.Qmp;
using OverlayImg.Sandbox.Snapshots;

namespace OverlayImg.Sandbox.Machines;

/// <summary>Where a guest is in its life.</summary>
internal enum GuestState
{
    /// <summary>The guest's kernel and its init are at work (cold start).</summary>
    Booting,

    /// <summary>QEMU reads a snapshot (warm or mounted start).</summary>
    Loading,

    /// <summary>The guest waits for what the host says. The guest has no disk and no job.</summary>
    Ready,

    /// <summary>As <see cref="Ready"/>, but QEMU runs no instruction of the guest.</summary>
    ReadyPaused,

    /// <summary>The guest waits for its job. The overlay of the job is mounted.</summary>
    Mounted,

    /// <summary>As <see cref="Mounted"/>, but QEMU runs no instruction of the guest, and has none of the disks open.</summary>
    MountedPaused,

    /// <summary>The guest has its job.</summary>
    Running,

    /// <summary>The guest has told its result, or a step has failed, or the machine was ended.</summary>
    Done,
}

/// <summary>What takes a guest from one state to the next.</summary>
internal enum GuestStep
{
    /// <summary>The guest boots, and says READY.</summary>
    Boot,

    /// <summary>QEMU loads the snapshot of a guest that was <see cref="GuestState.Ready"/>.</summary>
    LoadReady,

    /// <summary>QEMU loads the snapshot of a guest that was <see cref="GuestState.Mounted"/>.</summary>
    LoadMounted,

    /// <summary>QEMU stops the guest, and closes its disks.</summary>
    Pause,

    /// <summary>QEMU writes the guest to a snapshot.</summary>
    Save,

    /// <summary>The guest goes on, with the time and random numbers of its own, and says READY again.</summary>
    Wake,

    /// <summary>The guest gets its disks, mounts the overlay of its job, and says READY again.</summary>
    Mount,

    /// <summary>The guest gets its job, and before the job what it lacks for it: its disks, and to be woken.</summary>
    Run,

    /// <summary>The guest says RESULT.</summary>
    Finish,

    /// <summary>QEMU ends.</summary>
    End,
}

/// <summary>
/// The life of a guest, from the start of QEMU to its end: the states, the steps between them, and what the host says for each step
/// (vm-images/PROTOCOL.md, "The life of a guest", draws it). A step that the state does not allow is refused. A step that fails ends the life.
/// Not thread-safe.
/// </summary>
internal sealed class GuestLife : IAsyncDisposable
{
    private const int ProtocolVersion = 5;

    private readonly GuestMachine _machine;
    private readonly TimeSpan _wakeTimeout;
    private readonly Stopwatch _becomingReady;
    private readonly Stopwatch _plugging = new();
    private IReadOnlyList<DiskSlot> _plugged = [];

    private GuestLife(GuestMachine machine, GuestState state, TimeSpan wakeTimeout, Stopwatch becomingReady) =>
        (_machine, State, _wakeTimeout, _becomingReady) = (machine, state, wakeTimeout, becomingReady);

    /// <summary>Where the guest is.</summary>
    public GuestState State { get; private set; }

    /// <summary>What the guest runs on.</summary>
    public Accelerator Accelerator => _machine.Accelerator;

    /// <summary>Version of QEMU: "7.2.22".</summary>
    public string QemuVersion => _machine.Monitor.QemuVersion;

    /// <summary>Identity of QEMU's process.</summary>
    public int ProcessId => _machine.ProcessId;

    /// <summary>Whether QEMU has ended.</summary>
    public bool HasEnded => _machine.HasEnded;

    /// <summary>From the start of QEMU until the guest was READY, or its snapshot was loaded; with the time to save the guest, if it was.</summary>
    public TimeSpan TimeToReady => _becomingReady.Elapsed;

    /// <summary>Time for plugging disks into the running guest.</summary>
    public TimeSpan PluggingTime => _plugging.Elapsed;

    /// <summary>The last lines of the scripts' output, ready to print.</summary>
    public IReadOnlyList<string> LogTail => _machine.Log.Tail.LastLines(DiagnosticOutput.LogLines);

    /// <summary>Why the machine can't be trusted, though it seemed to end well; null for no reason. Complete once QEMU has ended.</summary>
    public GuestException? Trouble => _machine.Trouble;

    /// <summary>All steps of all lives: the state that a step leads to; null for a step that the state does not allow.</summary>
    public static GuestState? After(GuestState state, GuestStep step) => (state, step) switch
    {
        (GuestState.Booting, GuestStep.Boot) => GuestState.Ready,
        (GuestState.Loading, GuestStep.LoadReady) => GuestState.ReadyPaused,
        (GuestState.Loading, GuestStep.LoadMounted) => GuestState.MountedPaused,

        (GuestState.Ready, GuestStep.Pause) => GuestState.ReadyPaused,
        (GuestState.ReadyPaused, GuestStep.Save) => GuestState.ReadyPaused,
        (GuestState.ReadyPaused, GuestStep.Wake) => GuestState.Ready,

        (GuestState.Ready, GuestStep.Mount) => GuestState.Mounted,
        (GuestState.Mounted, GuestStep.Pause) => GuestState.MountedPaused,
        (GuestState.MountedPaused, GuestStep.Save) => GuestState.MountedPaused,

        (GuestState.Ready or GuestState.Mounted or GuestState.MountedPaused, GuestStep.Run) => GuestState.Running,
        (GuestState.Running, GuestStep.Finish) => GuestState.Done,
        (_, GuestStep.End) => GuestState.Done,
        _ => null,
    };

    /// <summary>Cold start: the guest boots, and is <see cref="GuestState.Ready"/>.</summary>
    /// <param name="settings">The guest.</param>
    /// <param name="memory">The memory of a guest that will be saved, empty; null for a guest that will not be saved.</param>
    /// <param name="cancellationToken">Ends the guest.</param>
    /// <exception cref="MachineException">QEMU can't be started, or it or the guest ended.</exception>
    /// <exception cref="GuestTimeoutException">The guest did not become READY in time.</exception>
    public static Task<GuestLife> BootAsync(MachineSettings settings, GuestMemory? memory, CancellationToken cancellationToken) => StartAsync(
        settings, snapshot: null, memory,
        (life, deadline) => life.StepAsync(
            GuestStep.Boot, () => life._machine.WithinAsync(deadline, life.ExpectReadyAsync, cancellationToken)),
        cancellationToken);

    /// <summary>
    /// Warm start: the guest goes on from a snapshot, and is <see cref="GuestState.Ready"/>. Mounted start, where the snapshot has an overlay: the
    /// guest is <see cref="GuestState.MountedPaused"/>, because it can't go on without the disks of its job.
    /// </summary>
    /// <param name="settings">The guest.</param>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="memory">The memory of a guest that will be saved again, filled from the snapshot; null if it will not be saved.</param>
    /// <param name="cancellationToken">Ends the guest.</param>
    /// <exception cref="MachineException">QEMU can't be started, the snapshot is damaged, or QEMU or the guest ended.</exception>
    /// <exception cref="GuestTimeoutException">The guest did not become READY in time.</exception>
    public static Task<GuestLife> LoadAsync(
        MachineSettings settings, Snapshot snapshot, GuestMemory? memory, CancellationToken cancellationToken) => StartAsync(
        settings, snapshot, memory,
        async (life, deadline) =>
        {
            var load = snapshot.HasOverlay ? GuestStep.LoadMounted : GuestStep.LoadReady;
            await life.StepAsync(load, () => life._machine.WithinAsync(deadline, token => life.LoadAsync(snapshot, token), cancellationToken));
            if (life.State is GuestState.ReadyPaused) await life.WakeAsync(deadline, cancellationToken);
        },
        cancellationToken);

    /// <summary>Pauses the guest, so that it can be saved. All that it has written is on its disks.</summary>
    /// <exception cref="MachineException">QEMU failed.</exception>
    public Task PauseAsync(CancellationToken cancellationToken) => StepAsync(GuestStep.Pause, () => _machine.ConverseAsync(async () =>
    {
        _becomingReady.Start();
        await _machine.Monitor.ExecuteAsync("stop", null, cancellationToken);
        await GuestDisks.UnplugAsync(_plugged, _machine.Monitor, cancellationToken);
        _plugged = [];
    }));

    /// <summary>Writes the guest to a new snapshot. If that fails and QEMU has not ended, the guest can go on as if nothing had happened.</summary>
    /// <exception cref="MachineException">QEMU can't save the guest, or failed.</exception>
    /// <exception cref="IOException">The snapshot can't be written.</exception>
    public Task SaveAsync(Snapshot snapshot, GuestMemory memory, CancellationToken cancellationToken)
    {
        _ = Next(GuestStep.Save);
        return _machine.SaveAsync(snapshot, memory, cancellationToken);
    }

    /// <summary>Has the guest go on, which has no disks, until it is READY again.</summary>
    /// <exception cref="MachineException">QEMU or the guest failed.</exception>
    /// <exception cref="GuestTimeoutException">The guest did not become READY in time.</exception>
    public Task WakeAsync(CancellationToken cancellationToken) => WakeAsync(new Deadline(_wakeTimeout), cancellationToken);

    /// <summary>Gives the guest its disks, but for the caches, and has it mount the overlay. It is READY again when all of that is written.</summary>
    /// <param name="disks">The disks of its job.</param>
    /// <param name="hear">Gets what the guest says meanwhile.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="MachineException">A disk can't be opened, or QEMU or the guest failed.</exception>
    public Task MountAsync(GuestDisks disks, Action<ControlMessage> hear, CancellationToken cancellationToken) => StepAsync(
        GuestStep.Mount, () => _machine.ConverseAsync(async () =>
        {
            await PlugAsync(disks.PlugAsync, cancellationToken);
            _plugged = disks.Slots;
            await _machine.Control.SendAsync(disks.Command(), cancellationToken);
            await _machine.Control.SendAsync("OVERLAY", cancellationToken);
            var answer = await HearAsync(hear, cancellationToken);
            if (answer is not ControlMessage.Ready) throw new InvalidDataException("no READY with the overlay mounted");
        }));

    /// <summary>Gives the guest its job. A running guest is not waited for. A paused guest is woken, which is complete when it says READY.</summary>
    /// <param name="disks">The disks of the job.</param>
    /// <param name="job">The line JOB and the parameters.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="MachineException">A disk can't be opened, or QEMU or the guest failed.</exception>
    /// <exception cref="GuestTimeoutException">A paused guest did not become READY in time.</exception>
    public Task RunAsync(GuestDisks disks, ReadOnlyMemory<byte> job, CancellationToken cancellationToken) => StepAsync(
        GuestStep.Run,
        () => State is GuestState.MountedPaused
            ? RunPausedAsync(disks, job, cancellationToken)
            : _machine.ConverseAsync(async () =>
            {
                if (State is GuestState.Ready)
                {
                    await PlugAsync(disks.PlugAsync, cancellationToken);
                    await _machine.Control.SendAsync(disks.Command(), cancellationToken);
                }

                await PlugAsync(disks.PlugCachesAsync, cancellationToken);
                await _machine.Control.SendAsync(disks.CacheCommand(), cancellationToken);
                await _machine.Control.SendAsync(job, cancellationToken);
            }));

    /// <summary>Waits for the result of the job.</summary>
    /// <param name="hear">Gets what the guest says before. Throws <see cref="InvalidDataException"/> for what it can't say.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>That all scripts succeeded, or that a script failed.</returns>
    /// <exception cref="MachineException">QEMU or the guest failed.</exception>
    public Task<ControlMessage> FinishAsync(Action<ControlMessage> hear, CancellationToken cancellationToken) => StepAsync(
        GuestStep.Finish, () => _machine.ConverseAsync(async () =>
        {
            var message = await HearAsync(hear, cancellationToken);
            return message is ControlMessage.Ready ? throw new InvalidDataException($"'{message}' during a job") : message;
        }));

    /// <summary>Copies the output of the scripts while it comes, until QEMU has gone.</summary>
    public Task CopyLogAsync(Stream log, CancellationToken cancellationToken) => _machine.Log.CopyToAsync(log, cancellationToken);

    /// <summary>Waits until all output of the scripts is copied, and has QEMU end in its own way.</summary>
    /// <param name="copying">The copying.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="MachineException">QEMU failed.</exception>
    public Task QuitAsync(Task copying, CancellationToken cancellationToken) => StepAsync(GuestStep.End, () => _machine.ConverseAsync(async () =>
    {
        await _machine.Log.DrainAsync(copying, () => _machine.Monitor.ExecuteAsync("query-status", null, cancellationToken), cancellationToken);
        await _machine.QuitAsync();
    }));

    /// <summary>Ends QEMU at once, if it has not ended; afterwards all that it ever told is known.</summary>
    public Task EndAsync() => StepAsync(GuestStep.End, _machine.EndAsync);

    /// <summary>Ends QEMU, whatever the guest does, and leaves neither a process nor a file.</summary>
    public async ValueTask DisposeAsync() => await StepAsync(GuestStep.End, () => _machine.DisposeAsync().AsTask());

    private static async Task<GuestLife> StartAsync(
        MachineSettings settings, Snapshot? snapshot, GuestMemory? memory, Func<GuestLife, Deadline, Task> becomeReady,
        CancellationToken cancellationToken)
    {
        var becomingReady = Stopwatch.StartNew();
        var deadline = new Deadline(snapshot is null ? settings.BootTimeout : settings.WakeTimeout);
        var machine = await GuestMachine.StartAsync(settings, snapshot, memory, deadline, cancellationToken);
        var life = new GuestLife(machine, snapshot is null ? GuestState.Booting : GuestState.Loading, settings.WakeTimeout, becomingReady);
        try
        {
            await becomeReady(life, deadline);
            becomingReady.Stop();
            return life;
        }
        catch
        {
            await life.DisposeAsync();
            throw;
        }
    }

    // QEMU reads the state while we check that it is the state that was written. Only then may the guest go on.
    private async Task LoadAsync(Snapshot snapshot, CancellationToken cancellationToken)
    {
        var checking = snapshot.IsWholeAsync(cancellationToken);
        await new Migration(_machine.Monitor).LoadAsync(cancellationToken);
        if (!await checking) throw new GuestException("The snapshot is damaged");
    }

    private Task WakeAsync(Deadline deadline, CancellationToken cancellationToken) => StepAsync(
        GuestStep.Wake, () => _machine.WithinAsync(deadline, token => GoOnAsync(default, token), cancellationToken));

    // All that the guest needs is sent at once: between READY and the job nobody waits for the other.
    private Task RunPausedAsync(GuestDisks disks, ReadOnlyMemory<byte> job, CancellationToken cancellationToken) => _machine.WithinAsync(
        new Deadline(_wakeTimeout),
        async token =>
        {
            await disks.PlugAsync(_machine.DirectoryPath, _machine.Monitor, token);
            await disks.PlugCachesAsync(_machine.DirectoryPath, _machine.Monitor, token);
            await GoOnAsync((byte[])[.. disks.CacheCommand(), .. job.Span], token);
        },
        cancellationToken);

    private async Task GoOnAsync(ReadOnlyMemory<byte> command, CancellationToken cancellationToken)
    {
        await _machine.Monitor.ExecuteAsync("cont", null, cancellationToken);
        await _machine.Control.SendAsync(WakeLine.New(), cancellationToken);
        await _machine.Control.SendAsync(command, cancellationToken);
        await ExpectReadyAsync(cancellationToken);
        _becomingReady.Stop();
    }

    private async Task PlugAsync(Func<string, QmpClient, CancellationToken, Task> plug, CancellationToken cancellationToken)
    {
        _plugging.Start();
        await plug(_machine.DirectoryPath, _machine.Monitor, cancellationToken);
        _plugging.Stop();
    }

    private async Task ExpectReadyAsync(CancellationToken cancellationToken)
    {
        switch (await _machine.Control.ReadAsync(cancellationToken))
        {
            case ControlMessage.Ready { Version: ProtocolVersion }: return;
            case ControlMessage.Ready { Version: var version }: throw MachineWatch.WrongVersion(version, ProtocolVersion);
            case null: throw await _machine.FailureAsync();
            case var other: throw new InvalidDataException($"'{other}'");
        }
    }

    // The next READY or RESULT.
    private async Task<ControlMessage> HearAsync(Action<ControlMessage> hear, CancellationToken cancellationToken)
    {
        while (true)
        {
            switch (await _machine.Control.ReadAsync(cancellationToken))
            {
                case (ControlMessage.Ready or ControlMessage.Succeeded or ControlMessage.Failed) and var message:
                    return message;
                case ControlMessage.GuestError { Sentence: var sentence }:
                    throw _machine.GuestError(sentence);
                case null:
                    throw await _machine.FailureAsync();
                case var other:
                    hear(other);
                    break;
            }
        }
    }

    private GuestState Next(GuestStep step) =>
        After(State, step) ?? throw new InvalidOperationException($"The guest is {State}: it can't take the step {step}.");

    private async Task StepAsync(GuestStep step, Func<Task> work) => await StepAsync(step, async () =>
    {
        await work();
        return true;
    });

    private async Task<T> StepAsync<T>(GuestStep step, Func<Task<T>> work)
    {
        var next = Next(step);
        try
        {
            var result = await work();
            State = next;
            return result;
        }
        catch
        {
            State = GuestState.Done;
            throw;
        }
    }
}
