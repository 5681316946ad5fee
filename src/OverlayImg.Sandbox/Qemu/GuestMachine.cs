using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using OverlayImg.Sandbox.Ports;
using OverlayImg.Sandbox.Qmp;
using OverlayImg.Sandbox.WarmStarts;

namespace OverlayImg.Sandbox.Qemu;

/// <summary>
/// A virtual machine with a guest that is READY: the process, its monitor and its ports. Disposing of it ends the machine and leaves nothing.
/// </summary>
internal sealed class GuestMachine : IAsyncDisposable
{
    private const int ProtocolVersion = 3;
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(5);
    private static int _lastNumber;

    private readonly GuestSockets _sockets;
    private readonly MachineWatch _watch;
    private QmpClient? _monitor;
    private ControlPort? _control;
    private LogPort? _log;
    private Task _watching = Task.CompletedTask;

    private GuestMachine(Accelerator accelerator, GuestSockets sockets, QemuProcess process)
    {
        (Accelerator, _sockets, Process) = (accelerator, sockets, process);
        _watch = new(process);
    }

    /// <summary>The machine's private directory, gone with it.</summary>
    public string DirectoryPath => _sockets.Path;

    /// <summary>What it runs on.</summary>
    public Accelerator Accelerator { get; }

    /// <summary>Whether the guest goes on from one that an earlier run booted.</summary>
    public bool IsWarm { get; set; }

    /// <summary>From the start of QEMU to READY; of both guests where this one goes on from one that was booted for it.</summary>
    public TimeSpan TimeToReady { get; set; }

    /// <summary>QEMU.</summary>
    public QemuProcess Process { get; }

    /// <summary>QEMU's monitor.</summary>
    public QmpClient Monitor => _monitor ?? throw new InvalidOperationException("The monitor is not connected yet.");

    /// <summary>The guest's control port.</summary>
    public ControlPort Control => _control ?? throw new InvalidOperationException("The control port is not connected yet.");

    /// <summary>The guest's log port.</summary>
    public LogPort Log => _log ?? throw new InvalidOperationException("The log port is not connected yet.");

    /// <summary>Starts QEMU, with a guest that boots or with one that goes on from a snapshot, and waits for READY.</summary>
    /// <param name="program">QEMU.</param>
    /// <param name="commandLine">Its arguments.</param>
    /// <param name="options">Settings of the guest.</param>
    /// <param name="past">The snapshot that it goes on from, or will be saved to; null for neither.</param>
    /// <param name="cancellationToken">Ends the machine.</param>
    /// <exception cref="MachineException">QEMU can't be started, or it or the guest ended.</exception>
    /// <exception cref="GuestTimeoutException">The guest did not become READY in time.</exception>
    public static async Task<GuestMachine> StartAsync(
        QemuProgram program, QemuCommandLine commandLine, GuestOptions options, GuestPast? past, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var number = Interlocked.Increment(ref _lastNumber).ToString(CultureInfo.InvariantCulture);
        var directory = Path.Combine(options.ScratchPath, $"guest-{number}");
        var sockets = GuestSockets.Create(directory, QemuCommandLine.MonitorSocket, QemuCommandLine.ControlSocket, QemuCommandLine.LogSocket,
            QemuCommandLine.StateSocket);
        QemuProcess process;
        try
        {
            process = await QemuProcess.StartAsync(
                program, [.. commandLine.Arguments(), .. past?.Arguments(commandLine) ?? []], directory, past?.StatePath);
        }
        catch
        {
            sockets.Dispose();
            throw;
        }

        var machine = new GuestMachine(commandLine.Accelerator, sockets, process);
        try
        {
            await machine.WaitUntilReadyAsync(past, options.BootTimeoutOn(commandLine.Accelerator), cancellationToken);
            machine.TimeToReady = Stopwatch.GetElapsedTime(started);
            return machine;
        }
        catch
        {
            await machine.DisposeAsync();
            throw;
        }
    }

    /// <summary>Saves the guest, which must be READY, without disks, and have its memory in the snapshot. It does not go on afterwards.</summary>
    /// <exception cref="MachineException">QEMU can't save it, or failed.</exception>
    public async Task SaveAsync(Snapshot snapshot, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Process.EndedToken);
        try
        {
            await Monitor.ExecuteAsync("stop", null, ending.Token);
            await LeaveMemoryOutAsync(ending.Token);
            await Monitor.ExecuteAsync("migrate", new JsonObject { ["uri"] = $"unix:{QemuCommandLine.StateSocket}" }, ending.Token);
            await using (var state = new NetworkStream(await _sockets.AcceptAsync(QemuCommandLine.StateSocket, ending.Token), ownsSocket: true))
                await snapshot.WriteStateAsync(state, ending.Token);
            // The stream ends a moment before QEMU says so.
            string status;
            while ((status = await StatusAsync("query-migrate", ending.Token)) is "active" or "device" or "setup") await Task.Delay(2, ending.Token);
            if (status != "completed") throw new GuestException($"QEMU could not save the guest: its migration is '{status}'");
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
        await EndAsync();
        Process.Dispose();
        _control?.Dispose();
        _log?.Dispose();
        _sockets.Dispose();
    }

    private async Task WaitUntilReadyAsync(GuestPast? past, TimeSpan timeout, CancellationToken cancellationToken)
    {
        // Sockets that QEMU never called, because it ended first, are waited for no longer.
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Process.EndedToken);
        waiting.CancelAfter(timeout);
        try
        {
            await ConnectAsync(waiting.Token);
            if (past?.StatePath is null) await ExpectReadyAsync(waiting.Token);
            else await RestoreAsync(past, waiting.Token);
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
    private async Task RestoreAsync(GuestPast past, CancellationToken cancellationToken)
    {
        var checking = past.IsWholeAsync(cancellationToken);
        await LeaveMemoryOutAsync(cancellationToken);
        await Monitor.ExecuteAsync("migrate-incoming", new JsonObject { ["uri"] = QemuProcess.StateAddress }, cancellationToken);
        while (await StatusAsync("query-status", cancellationToken) == "inmigrate") await Task.Delay(2, cancellationToken);
        if (!await checking) throw new GuestException("The snapshot is damaged");
        await WakeAsync(cancellationToken);
    }

    // The memory is in the snapshot's file, and not in the state.
    private async Task LeaveMemoryOutAsync(CancellationToken cancellationToken)
    {
        var capability = new JsonObject { ["capability"] = "x-ignore-shared", ["state"] = true };
        await Monitor.ExecuteAsync("migrate-set-capabilities", new JsonObject { ["capabilities"] = new JsonArray(capability) }, cancellationToken);
    }

    private async Task WakeAsync(CancellationToken cancellationToken)
    {
        await Monitor.ExecuteAsync("cont", null, cancellationToken);
        await Control.SendAsync(WakeCall.Line(), cancellationToken);
        await ExpectReadyAsync(cancellationToken);
    }

    private async Task<string> StatusAsync(string query, CancellationToken cancellationToken)
    {
        var answer = await Monitor.ExecuteAsync(query, null, cancellationToken);
        return answer.TryGetProperty("status", out var status) ? status.ToString() : "unknown";
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
