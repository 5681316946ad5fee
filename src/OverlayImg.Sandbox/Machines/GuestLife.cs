using System.Diagnostics;
using OverlayImg.Sandbox.Accelerators;
using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Ports;
using OverlayImg.Sandbox.Qemu;
using OverlayImg.Sandbox.Qmp;
using OverlayImg.Sandbox.Snapshots;

namespace OverlayImg.Sandbox.Machines;

/// <summary>State of a guest.</summary>
internal enum GuestState
{
    /// <summary>The guest's kernel and its init are starting (cold start).</summary>
    Booting,

    /// <summary>QEMU loads a snapshot (warm or mounted start).</summary>
    Loading,

    /// <summary>The guest waits for a line from the host. The guest has no disk and no job.</summary>
    Ready,

    /// <summary>Like <see cref="Ready"/>, but QEMU has stopped the guest's processors.</summary>
    ReadyPaused,

    /// <summary>The guest waits for its job. The overlay of the job is mounted.</summary>
    Mounted,

    /// <summary>Like <see cref="Mounted"/>, but QEMU has stopped the guest's processors and has none of the disks open.</summary>
    MountedPaused,

    /// <summary>The guest runs its job.</summary>
    Running,

    /// <summary>The guest has sent RESULT, or a step has failed, or QEMU was ended.</summary>
    Done,
}

/// <summary>Transition of a guest from one state to the next.</summary>
internal enum GuestStep
{
    /// <summary>The guest boots and sends READY.</summary>
    Boot,

    /// <summary>QEMU loads the snapshot of a guest that was <see cref="GuestState.Ready"/>.</summary>
    LoadReady,

    /// <summary>QEMU loads the snapshot of a guest that was <see cref="GuestState.Mounted"/>.</summary>
    LoadMounted,

    /// <summary>QEMU stops the guest's processors and closes its disks.</summary>
    Pause,

    /// <summary>QEMU writes the guest to a snapshot.</summary>
    Save,

    /// <summary>The guest resumes, sets its clock, reseeds its random numbers, and sends READY again.</summary>
    Wake,

    /// <summary>The guest gets its disks, mounts the overlay of its job, and sends READY again.</summary>
    Mount,

    /// <summary>The guest gets its job. Before that it gets the disks that it lacks, and a paused guest is woken.</summary>
    Run,

    /// <summary>The guest sends RESULT.</summary>
    Finish,

    /// <summary>QEMU ends.</summary>
    End,
}

/// <summary>
/// State machine of a guest, from the start of QEMU to its end: the states, the steps between them, and what the host sends for each step
/// (vm-images/PROTOCOL.md, "The life of a guest"). A step that the state does not allow throws. A step that fails leads to
/// <see cref="GuestState.Done"/>. Not thread-safe.
/// </summary>
internal sealed class GuestLife : IAsyncDisposable
{
    private const int ProtocolVersion = 7;

    private readonly GuestMachine _machine;
    private readonly TimeSpan _wakeTimeout;
    private readonly Stopwatch _becomingReady;
    private readonly Stopwatch _plugging = new();
    private IReadOnlyList<DiskSlot> _plugged = [];

    private GuestLife(GuestMachine machine, GuestState state, TimeSpan wakeTimeout, Stopwatch becomingReady) =>
        (_machine, State, _wakeTimeout, _becomingReady) = (machine, state, wakeTimeout, becomingReady);

    public GuestState State { get; private set; }

    public Accelerator Accelerator => _machine.Accelerator;

    /// <summary>Version of QEMU: "7.2.22".</summary>
    public string QemuVersion => _machine.Monitor.QemuVersion;

    public int ProcessId => _machine.ProcessId;

    public bool HasEnded => _machine.HasEnded;

    /// <summary>
    /// Time from the start of QEMU until the guest was READY or its snapshot was loaded. Includes the time for saving the guest in a snapshot.
    /// </summary>
    public TimeSpan TimeToReady => _becomingReady.Elapsed;

    /// <summary>Time for attaching disks to the running guest.</summary>
    public TimeSpan PluggingTime => _plugging.Elapsed;

    /// <summary>The last lines of the scripts' output, escaped for display.</summary>
    public IReadOnlyList<string> LogTail => _machine.Log.Tail.LastLines(DiagnosticOutput.LogLines);

    /// <summary>
    /// A failure that QEMU reported, which makes every result of the guest invalid; null for none. Final only after QEMU has ended.
    /// </summary>
    public GuestException? Trouble => _machine.Trouble;

    /// <summary>The transition table: the state after <paramref name="step"/>, or null if the state does not allow the step.</summary>
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

    /// <summary>Performs a cold start. The guest boots and is <see cref="GuestState.Ready"/>.</summary>
    /// <param name="memory">Empty memory for a guest that will be saved; null for a guest that will not be saved.</param>
    /// <exception cref="MachineException">QEMU can't be started, or QEMU or the guest ended.</exception>
    /// <exception cref="GuestTimeoutException">The guest did not become READY in time.</exception>
    public static Task<GuestLife> BootAsync(MachineSettings settings, GuestMemory? memory, CancellationToken cancellationToken) => StartAsync(
        settings, snapshot: null, memory,
        (life, deadline) => life.StepAsync(
            GuestStep.Boot, () => life._machine.WithinAsync(deadline, life.ExpectReadyAsync, cancellationToken)),
        cancellationToken);

    /// <summary>
    /// Performs a warm start or a mounted start from a snapshot. After a warm start the guest is <see cref="GuestState.Ready"/>. A snapshot with an
    /// overlay gives a mounted start: the guest is <see cref="GuestState.MountedPaused"/>, because it can't resume without the disks of its job.
    /// </summary>
    /// <param name="memory">The snapshot's memory, copied, for a guest that will be saved again; null for a guest that will not be saved.</param>
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

    /// <summary>Pauses the guest before it is saved. The guest must have written everything to its disks.</summary>
    /// <exception cref="MachineException">QEMU failed.</exception>
    public Task PauseAsync(CancellationToken cancellationToken) => StepAsync(GuestStep.Pause, () => _machine.ConverseAsync(async () =>
    {
        _becomingReady.Start();
        await _machine.Monitor.ExecuteAsync("stop", null, cancellationToken);
        await GuestDisks.UnplugAsync(_plugged, _machine.Monitor, cancellationToken);
        _plugged = [];
    }));

    /// <summary>Writes the guest to a new snapshot. After a failure the guest can still be resumed, unless QEMU has ended.</summary>
    /// <exception cref="MachineException">QEMU can't save the guest, or failed.</exception>
    /// <exception cref="IOException">The snapshot can't be written.</exception>
    public Task SaveAsync(Snapshot snapshot, GuestMemory memory, CancellationToken cancellationToken)
    {
        _ = Next(GuestStep.Save);
        return _machine.SaveAsync(snapshot, memory, cancellationToken);
    }

    /// <summary>Resumes a paused guest without disks, and waits until it is READY.</summary>
    /// <exception cref="MachineException">QEMU or the guest failed.</exception>
    /// <exception cref="GuestTimeoutException">The guest did not become READY in time.</exception>
    public Task WakeAsync(CancellationToken cancellationToken) => WakeAsync(new Deadline(_wakeTimeout), cancellationToken);

    /// <summary>
    /// Gives the guest its disks without the caches, and has it mount the overlay. Returns when the guest is READY and has written everything.
    /// </summary>
    /// <param name="onMessage">Receives the guest's messages before READY.</param>
    /// <exception cref="MachineException">A disk can't be opened, or QEMU or the guest failed.</exception>
    public Task MountAsync(GuestDisks disks, Action<ControlMessage> onMessage, CancellationToken cancellationToken) => StepAsync(
        GuestStep.Mount, () => _machine.ConverseAsync(async () =>
        {
            await PlugAsync(disks.PlugAsync, cancellationToken);
            _plugged = disks.Slots;
            await _machine.Control.SendAsync(disks.Command(), cancellationToken);
            await _machine.Control.SendAsync("OVERLAY", cancellationToken);
            var answer = await ReadUntilReadyOrResultAsync(
                message =>
                {
                    onMessage(message);
                    return Task.CompletedTask;
                },
                cancellationToken);
            if (answer is not ControlMessage.Ready) throw new InvalidDataException("no READY with the overlay mounted");
        }));

    /// <summary>
    /// Gives the guest its job. A paused guest is resumed first, and the method waits for its READY. The method does not wait for a running guest.
    /// </summary>
    /// <param name="job">The line JOB and the parameters.</param>
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

    /// <summary>Waits for the result of the job: RESULT ok, or RESULT failed for a failed script.</summary>
    /// <param name="onMessage">
    /// Receives the guest's messages before RESULT. Throws <see cref="InvalidDataException"/> for a message that the job does not allow.
    /// </param>
    /// <exception cref="MachineException">QEMU or the guest failed.</exception>
    public Task<ControlMessage> FinishAsync(Func<ControlMessage, Task> onMessage, CancellationToken cancellationToken) => StepAsync(
        GuestStep.Finish, () => _machine.ConverseAsync(async () =>
        {
            var message = await ReadUntilReadyOrResultAsync(onMessage, cancellationToken);
            return message is ControlMessage.Ready ? throw new InvalidDataException($"'{message}' during a job") : message;
        }));

    /// <summary>Copies the output of the scripts as it arrives, until QEMU has ended.</summary>
    public Task CopyLogAsync(Stream log, CancellationToken cancellationToken) => _machine.Log.CopyToAsync(log, cancellationToken);

    /// <summary>Sends a line to the guest during its job.</summary>
    public Task SendLineAsync(string line, CancellationToken cancellationToken) => _machine.Control.SendAsync(line, cancellationToken);

    /// <summary>Sends input to the interactive shell of the job.</summary>
    public Task SendInputAsync(ReadOnlyMemory<byte> input, CancellationToken cancellationToken) => _machine.Log.SendAsync(input, cancellationToken);

    /// <summary>Waits until all output that the scripts have written so far is copied.</summary>
    /// <param name="copying">The task of <see cref="CopyLogAsync"/>.</param>
    /// <exception cref="MachineException">QEMU failed.</exception>
    public Task DrainLogAsync(Task copying, CancellationToken cancellationToken) => _machine.Log.DrainAsync(
        copying, () => _machine.Monitor.ExecuteAsync("query-status", null, cancellationToken), cancellationToken);

    /// <summary>Waits until all output of the scripts is copied, and ends QEMU by the command <c>quit</c>.</summary>
    /// <param name="copying">The task of <see cref="CopyLogAsync"/>.</param>
    /// <exception cref="MachineException">QEMU failed.</exception>
    public Task QuitAsync(Task copying, CancellationToken cancellationToken) => StepAsync(GuestStep.End, () => _machine.ConverseAsync(async () =>
    {
        await DrainLogAsync(copying, cancellationToken);
        await _machine.QuitAsync();
    }));

    /// <summary>Kills QEMU, if it has not ended, and waits until its output and events are read.</summary>
    public Task EndAsync() => StepAsync(GuestStep.End, _machine.EndAsync);

    /// <summary>Ends QEMU and removes its private directory.</summary>
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

    // QEMU loads the state while the digest of the snapshot is checked. The guest is resumed only after both.
    private async Task LoadAsync(Snapshot snapshot, CancellationToken cancellationToken)
    {
        var checking = snapshot.MatchesDigestAsync(cancellationToken);
        await new Migration(_machine.Monitor).LoadAsync(cancellationToken);
        if (!await checking) throw new GuestException("The snapshot is damaged");
    }

    private Task WakeAsync(Deadline deadline, CancellationToken cancellationToken) => StepAsync(
        GuestStep.Wake, () => _machine.WithinAsync(deadline, token => ResumeAsync(default, token), cancellationToken));

    // All lines are sent at once, so that neither side waits for the other between READY and the job.
    private Task RunPausedAsync(GuestDisks disks, ReadOnlyMemory<byte> job, CancellationToken cancellationToken) => _machine.WithinAsync(
        new Deadline(_wakeTimeout),
        async token =>
        {
            await disks.PlugAsync(_machine.DirectoryPath, _machine.Monitor, token);
            await disks.PlugCachesAsync(_machine.DirectoryPath, _machine.Monitor, token);
            await ResumeAsync((byte[])[.. disks.CacheCommand(), .. job.Span], token);
        },
        cancellationToken);

    private async Task ResumeAsync(ReadOnlyMemory<byte> command, CancellationToken cancellationToken)
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

    // Returns the next READY or RESULT. RESULT error is thrown.
    private async Task<ControlMessage> ReadUntilReadyOrResultAsync(Func<ControlMessage, Task> onMessage, CancellationToken cancellationToken)
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
                    await onMessage(other);
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
