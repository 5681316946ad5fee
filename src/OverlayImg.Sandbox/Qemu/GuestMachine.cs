using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using OverlayImg.Sandbox.Ports;
using OverlayImg.Sandbox.Qmp;
using OverlayImg.Sandbox.WarmStarts;

namespace OverlayImg.Sandbox.Qemu;

/// <summary>
/// A virtual machine with a guest that is READY: the process, its monitor and its ports. Disposing of it ends the machine and leaves nothing.
/// </summary>
internal sealed class GuestMachine : IAsyncDisposable
{
    private const int ProtocolVersion = 5;
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(5);
    private static int _lastNumber;

    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly GuestSockets _sockets;
    private readonly MachineWatch _watch;
    private QmpClient? _monitor;
    private ControlPort? _control;
    private LogPort? _log;
    private Task _watching = Task.CompletedTask;
    private bool _isDisposed;

    private GuestMachine(Accelerator accelerator, GuestSockets sockets, QemuProcess process)
    {
        (Accelerator, _sockets, Process) = (accelerator, sockets, process);
        _watch = new(process);
    }

    /// <summary>The machine's private directory, which QEMU runs in, and which is gone with it.</summary>
    public string DirectoryPath => _sockets.Path;

    /// <summary>What it runs on.</summary>
    public Accelerator Accelerator { get; }

    /// <summary>Whether the guest goes on from one that an earlier run booted.</summary>
    public bool IsWarm { get; set; }

    /// <summary>From the start of QEMU to READY, or until it has read the snapshot of a guest that waits for its disks; with the time to save it, where it was.</summary>
    public TimeSpan TimeToReady { get; set; }

    /// <summary>Time since the start of QEMU.</summary>
    public TimeSpan Age => Stopwatch.GetElapsedTime(_started);

    /// <summary>The snapshot that the guest goes on from where that has an overlay mounted: it stands still until its disks are there. Null for none.</summary>
    public Snapshot? Mounted { get; private init; }

    /// <summary>Saves the guest once more, with its overlay mounted; null where it is not to be.</summary>
    public OverlaySaving? OverlaySaving { get; set; }

    /// <summary>How long the guest may take to be READY again when it goes on.</summary>
    private TimeSpan RestoreTimeout { get; init; }

    /// <summary>What is still done for later guests while this one has its job. The machine is not gone before that is done.</summary>
    public Task Beside { get; set; } = Task.CompletedTask;

    /// <summary>QEMU.</summary>
    public QemuProcess Process { get; }

    /// <summary>QEMU's monitor.</summary>
    public QmpClient Monitor => _monitor ?? throw new InvalidOperationException("The monitor is not connected yet.");

    /// <summary>The guest's control port.</summary>
    public ControlPort Control => _control ?? throw new InvalidOperationException("The control port is not connected yet.");

    /// <summary>The guest's log port.</summary>
    public LogPort Log => _log ?? throw new InvalidOperationException("The log port is not connected yet.");

    /// <summary>
    /// Starts QEMU, with a guest that boots or with one that goes on from a snapshot, and waits for READY. A guest with an overlay mounted stands still
    /// then, and becomes READY when it has its disks and goes on.
    /// </summary>
    /// <param name="program">QEMU.</param>
    /// <param name="commandLine">Its arguments.</param>
    /// <param name="options">Settings of the guest.</param>
    /// <param name="past">The snapshot that it goes on from; null where it boots.</param>
    /// <param name="memory">What a guest that will be saved has for its memory, with what was in it already; null for one that will not.</param>
    /// <param name="cancellationToken">Ends the machine.</param>
    /// <exception cref="MachineException">QEMU can't be started, or it or the guest ended.</exception>
    /// <exception cref="GuestTimeoutException">The guest did not become READY in time.</exception>
    public static async Task<GuestMachine> StartAsync(
        QemuProgram program, QemuCommandLine commandLine, GuestOptions options, Snapshot? past, GuestMemory? memory, CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _lastNumber).ToString(CultureInfo.InvariantCulture);
        var directory = Path.Combine(options.ScratchPath, $"guest-{number}");
        var sockets = GuestSockets.Create(directory, QemuCommandLine.MonitorSocket, QemuCommandLine.ControlSocket, QemuCommandLine.LogSocket,
            QemuCommandLine.StateSocket);
        QemuProcess process;
        try
        {
            string[] arguments = [.. commandLine.Arguments(), .. MemoryOf(past, memory, commandLine)];
            process = await QemuProcess.StartAsync(program, arguments, directory, past?.StatePath);
        }
        catch
        {
            sockets.Dispose();
            throw;
        }

        var machine = new GuestMachine(commandLine.Accelerator, sockets, process)
        {
            Mounted = past is { HasOverlay: true } ? past : null,
            RestoreTimeout = options.RestoreTimeout,
        };
        try
        {
            await machine.WaitUntilReadyAsync(token => machine.BeginAsync(past, token), options.BootTimeoutOn(commandLine.Accelerator), cancellationToken);
            machine.TimeToReady = machine.Age;
            return machine;
        }
        catch
        {
            await machine.DisposeAsync();
            throw;
        }
    }

    /// <summary>Saves the guest, which must be READY, and without disks. It stands still until <see cref="GoOnAsync"/>.</summary>
    /// <exception cref="MachineException">QEMU can't save it, or failed.</exception>
    /// <exception cref="IOException">The snapshot can't be written.</exception>
    public async Task SaveAsync(Snapshot snapshot, GuestMemory memory, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Process.EndedToken);
        try
        {
            await new Migration(Monitor).SaveAsync(_sockets, snapshot, ending.Token);
            await memory.CopyToAsync(snapshot.MemoryPath, ending.Token);
        }
        catch (QmpException exception)
        {
            throw await FailureAsync(exception);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw await FailureAsync();
        }
    }

    /// <summary>Why the machine can't be trusted, though it seemed to end well; null for no reason. Complete once it has ended.</summary>
    public GuestException? Trouble => _watch.HasTrouble ? _watch.Failure() : null;

    /// <summary>Ends the machine, if it has not ended, and tells why it can't go on.</summary>
    /// <param name="cause">How it showed, where it showed by a command that failed.</param>
    public async Task<GuestException> FailureAsync(QmpException? cause = null)
    {
        if (cause?.InnerException is InvalidDataException) return new($"QEMU's monitor can't be understood: {cause.Description}", cause);
        // The ports go a moment before the process does; its own end tells more than ours.
        await Task.WhenAny(Process.Ended, Task.Delay(EndPatience));
        await EndAsync();
        return _watch.Failure();
    }

    /// <summary>The guest said what the protocol does not know.</summary>
    public GuestException ProtocolError(InvalidDataException exception) => _watch.ProtocolError(exception);

    /// <summary>The guest itself told that it can't do its part.</summary>
    public GuestException GuestError(string sentence) => _watch.GuestError(sentence);

    /// <summary>Lets QEMU end in its own way, and kills it when it does not. The guest is not asked: it has nothing left to write.</summary>
    public async Task QuitAsync()
    {
        _watch.ExpectQuit();
        try
        {
            await Monitor.ExecuteAsync("quit").WaitAsync(EndPatience);
            await Process.Ended.WaitAsync(EndPatience);
        }
        catch (Exception exception) when (exception is QmpException or TimeoutException)
        {
            // It went before it could answer, or it hangs.
            Process.Kill();
        }

        await EndAsync();
    }

    /// <summary>Ends the machine at once; afterwards all that it ever told is known.</summary>
    public async Task EndAsync()
    {
        await Process.EndAsync();
        if (_monitor is not null) await _monitor.DisposeAsync();
        await _watching;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        await EndAsync();
        Process.Dispose();
        _control?.Dispose();
        _log?.Dispose();
        _sockets.Dispose();
        await Beside;
        OverlaySaving?.Dispose();
    }

    /// <summary>Has a guest that stands still go on, with the time and random numbers of its own, until it is READY again.</summary>
    /// <param name="before">What is done with the machine before; null for nothing.</param>
    /// <param name="command">What the guest is sent at once, for when it is READY; may be empty.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="MachineException">QEMU or the guest failed.</exception>
    /// <exception cref="GuestTimeoutException">The guest did not become READY in time.</exception>
    public Task GoOnAsync(Func<CancellationToken, Task>? before, ReadOnlyMemory<byte> command, CancellationToken cancellationToken) => WaitUntilReadyAsync(
        async token =>
        {
            if (before is not null) await before(token);
            await WakeAsync(command, token);
        }, RestoreTimeout, cancellationToken);

    private static IEnumerable<string> MemoryOf(Snapshot? past, GuestMemory? memory, QemuCommandLine commandLine)
    {
        IEnumerable<string> file = (past, memory) switch
        {
            (_, { } own) => commandLine.MemoryFile(own.Path, shared: true),
            ({ } snapshot, _) => commandLine.MemoryFile(snapshot.MemoryPath, shared: false),
            _ => [],
        };
        return past is null ? file : [.. file, .. QemuCommandLine.Incoming];
    }

    private async Task WaitUntilReadyAsync(Func<CancellationToken, Task> becoming, TimeSpan timeout, CancellationToken cancellationToken)
    {
        // Sockets that QEMU never called, because it ended first, are waited for no longer.
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Process.EndedToken);
        waiting.CancelAfter(timeout);
        try
        {
            await becoming(waiting.Token);
        }
        catch (InvalidDataException exception)
        {
            throw _watch.ProtocolError(exception);
        }
        catch (QmpException exception)
        {
            throw await FailureAsync(exception);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            if (Process.EndedToken.IsCancellationRequested) throw await FailureAsync();
            throw await _watch.BootTimeoutAsync(Accelerator, timeout, _monitor);
        }
    }

    private async Task BeginAsync(Snapshot? past, CancellationToken cancellationToken)
    {
        await ConnectAsync(cancellationToken);
        if (past is null) await ExpectReadyAsync(cancellationToken);
        else await RestoreAsync(past, cancellationToken);
    }

    private async Task ExpectReadyAsync(CancellationToken cancellationToken)
    {
        switch (await Control.ReadAsync(cancellationToken))
        {
            case ControlMessage.Ready { Version: ProtocolVersion }: return;
            case ControlMessage.Ready { Version: var version }: throw MachineWatch.WrongVersion(version, ProtocolVersion);
            case null: throw await FailureAsync();
            case var other: throw new InvalidDataException($"'{other}'");
        }
    }

    // QEMU reads the state while we check that it is the one that was written; only then does the guest go on.
    private async Task RestoreAsync(Snapshot past, CancellationToken cancellationToken)
    {
        var checking = past.IsWholeAsync(cancellationToken);
        await new Migration(Monitor).LoadAsync(cancellationToken);
        if (!await checking) throw new GuestException("The snapshot is damaged");
        if (!past.HasOverlay) await WakeAsync(default, cancellationToken);
    }

    private async Task WakeAsync(ReadOnlyMemory<byte> command, CancellationToken cancellationToken)
    {
        await Monitor.ExecuteAsync("cont", null, cancellationToken);
        await Control.SendAsync(WakeCall.Line(), cancellationToken);
        await Control.SendAsync(command, cancellationToken);
        await ExpectReadyAsync(cancellationToken);
    }

    private async Task ConnectAsync(CancellationToken cancellationToken)
    {
        // In the order in which QEMU calls.
        var monitor = await _sockets.AcceptAsync(QemuCommandLine.MonitorSocket, cancellationToken);
        _control = new(await _sockets.AcceptAsync(QemuCommandLine.ControlSocket, cancellationToken));
        _log = new(await _sockets.AcceptAsync(QemuCommandLine.LogSocket, cancellationToken));
        _monitor = await QmpClient.ConnectAsync(new NetworkStream(monitor, ownsSocket: true), cancellationToken);
        _watching = _watch.FollowAsync(_monitor);
    }
}
