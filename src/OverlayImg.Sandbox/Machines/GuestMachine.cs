using System.Globalization;
using OverlayImg.Sandbox.Accelerators;
using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Ports;
using OverlayImg.Sandbox.Qemu;
using OverlayImg.Sandbox.Qmp;
using OverlayImg.Sandbox.Snapshots;

namespace OverlayImg.Sandbox.Machines;

/// <summary>
/// A virtual machine: the process of QEMU, connected to QEMU's monitor and to the guest's ports. <see cref="GuestLife"/> has the state of the guest
/// in the machine. Disposing ends QEMU and removes the machine's private directory.
/// </summary>
internal sealed class GuestMachine : IAsyncDisposable
{
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(5);
    private static int _lastNumber;

    private readonly GuestSockets _sockets;
    private readonly QemuProcess _process;
    private readonly MachineWatch _watch;
    private readonly MachinePorts _ports;
    private readonly Task _watching;
    private bool _isDisposed;

    private GuestMachine(Accelerator accelerator, GuestSockets sockets, QemuProcess process, MachineWatch watch, MachinePorts ports)
    {
        (Accelerator, _sockets, _process, _watch, _ports) = (accelerator, sockets, process, watch, ports);
        _watching = watch.FollowAsync(ports.Monitor);
    }

    /// <summary>The machine's private directory, which is QEMU's current directory. It is removed with the machine.</summary>
    public string DirectoryPath => _sockets.Path;

    public Accelerator Accelerator { get; }

    public int ProcessId => _process.Id;

    public bool HasEnded => _process.EndedToken.IsCancellationRequested;

    public QmpClient Monitor => _ports.Monitor;

    public ControlPort Control => _ports.Control;

    public LogPort Log => _ports.Log;

    /// <summary>
    /// A failure that QEMU reported, which makes every result of the guest invalid; null for none. Final only after QEMU has ended.
    /// </summary>
    public GuestException? Trouble => _watch.HasTrouble ? _watch.Failure() : null;

    /// <summary>Starts QEMU and waits until it has connected to the monitor and the ports.</summary>
    /// <param name="settings">QEMU and its arguments.</param>
    /// <param name="snapshot">The snapshot that QEMU will load; null for a guest that boots.</param>
    /// <param name="memory">Memory for a guest that will be saved, filled if a snapshot is loaded; null for a guest that will not be saved.</param>
    /// <param name="deadline">Deadline for the connections.</param>
    /// <exception cref="MachineException">QEMU can't be started, or ended.</exception>
    /// <exception cref="GuestTimeoutException">QEMU did not connect in time.</exception>
    public static async Task<GuestMachine> StartAsync(
        MachineSettings settings, Snapshot? snapshot, GuestMemory? memory, Deadline deadline, CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _lastNumber).ToString(CultureInfo.InvariantCulture);
        var directory = Path.Combine(settings.Options.ScratchPath, $"guest-{number}");
        var sockets = GuestSockets.Create(directory, QemuCommandLine.MonitorSocket, QemuCommandLine.ControlSocket, QemuCommandLine.LogSocket,
            QemuCommandLine.StateSocket);
        QemuProcess? process = null;
        try
        {
            string[] arguments = [.. settings.CommandLine.Arguments(), .. MemoryArguments(settings.CommandLine, snapshot, memory)];
            process = await QemuProcess.StartAsync(settings.Program, arguments, directory, snapshot?.StatePath);
            return await ConnectAsync(settings.CommandLine.Accelerator, sockets, process, deadline, cancellationToken);
        }
        catch
        {
            if (process is not null) await process.EndAsync();
            process?.Dispose();
            sockets.Dispose();
            throw;
        }
    }

    /// <summary>Runs <paramref name="work"/>, which talks to QEMU and the guest, with a deadline.</summary>
    /// <exception cref="MachineException">QEMU or the guest failed.</exception>
    /// <exception cref="GuestTimeoutException">The deadline passed.</exception>
    public Task WithinAsync(Deadline deadline, Func<CancellationToken, Task> work, CancellationToken cancellationToken) => WaitAsync(
        _process, deadline,
        async token =>
        {
            await work(token);
            return true;
        },
        async exception => exception switch
        {
            InvalidDataException => ProtocolError(exception),
            OperationCanceledException when !HasEnded => await _watch.BootTimeoutAsync(Accelerator, deadline.Limit, Monitor),
            _ => await FailureAsync(exception as QmpException),
        },
        cancellationToken);

    /// <summary>Runs <paramref name="conversation"/>, which talks to QEMU and the guest, without a deadline.</summary>
    /// <exception cref="MachineException">QEMU or the guest failed.</exception>
    public async Task<T> ConverseAsync<T>(Func<Task<T>> conversation)
    {
        try
        {
            return await conversation();
        }
        catch (InvalidDataException exception)
        {
            throw ProtocolError(exception);
        }
        catch (QmpException exception)
        {
            throw await FailureAsync(exception);
        }
    }

    /// <inheritdoc cref="ConverseAsync{T}"/>
    public Task ConverseAsync(Func<Task> conversation) => ConverseAsync(async () =>
    {
        await conversation();
        return true;
    });

    /// <summary>Writes the state and the memory of a paused machine to a new snapshot.</summary>
    /// <exception cref="MachineException">QEMU can't save the machine, or failed.</exception>
    /// <exception cref="IOException">The snapshot can't be written.</exception>
    public async Task SaveAsync(Snapshot snapshot, GuestMemory memory, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _process.EndedToken);
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

    /// <summary>Ends the machine, if it has not ended, and returns the reason for its failure.</summary>
    /// <param name="cause">The QMP command that failed; null if the failure showed otherwise.</param>
    public Task<GuestException> FailureAsync(QmpException? cause = null) => FailureAsync(_process, _watch, EndAsync, cause);

    public GuestException GuestError(string sentence) => _watch.GuestError(sentence);

    /// <summary>
    /// Ends QEMU by the command <c>quit</c>, or kills it if it does not end in time. The guest is not shut down: it has written everything.
    /// </summary>
    public async Task QuitAsync()
    {
        _watch.ExpectQuit();
        try
        {
            await Monitor.ExecuteAsync("quit").WaitAsync(EndTimeout);
            await _process.Ended.WaitAsync(EndTimeout);
        }
        catch (Exception exception) when (exception is QmpException or TimeoutException)
        {
            // QEMU ended before it could respond, or it hangs.
            _process.Kill();
        }

        await EndAsync();
    }

    /// <summary>Kills QEMU and waits until its output and events are read.</summary>
    public async Task EndAsync()
    {
        await _process.EndAsync();
        await Monitor.DisposeAsync();
        await _watching;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        await EndAsync();
        _process.Dispose();
        Control.Dispose();
        Log.Dispose();
        _sockets.Dispose();
    }

    private static async Task<GuestMachine> ConnectAsync(
        Accelerator accelerator, GuestSockets sockets, QemuProcess process, Deadline deadline, CancellationToken cancellationToken)
    {
        var watch = new MachineWatch(process);
        var ports = await WaitAsync(
            process, deadline, token => MachinePorts.ConnectAsync(sockets, token),
            async exception => exception is OperationCanceledException && !process.EndedToken.IsCancellationRequested
                ? await watch.BootTimeoutAsync(accelerator, deadline.Limit, monitor: null)
                : await FailureAsync(process, watch, process.EndAsync, exception as QmpException),
            cancellationToken);
        return new(accelerator, sockets, process, watch, ports);
    }

    private static IEnumerable<string> MemoryArguments(QemuCommandLine commandLine, Snapshot? snapshot, GuestMemory? memory)
    {
        IEnumerable<string> file = (snapshot, memory) switch
        {
            (_, { } own) => commandLine.MemoryFile(own.Path, shared: true),
            ({ } saved, _) => commandLine.MemoryFile(saved.MemoryPath, shared: false),
            _ => [],
        };
        return snapshot is null ? file : [.. file, .. QemuCommandLine.Incoming];
    }

    // The work is cancelled at the deadline and when QEMU ends. Before QEMU has connected, its end is the only sign of a failure.
    private static async Task<T> WaitAsync<T>(
        QemuProcess process, Deadline deadline, Func<CancellationToken, Task<T>> work, Func<Exception, Task<Exception>> explain,
        CancellationToken cancellationToken)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, process.EndedToken);
        waiting.CancelAfter(deadline.Left);
        try
        {
            return await work(waiting.Token);
        }
        catch (Exception exception) when (exception is InvalidDataException or QmpException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw await explain(exception);
        }
    }

    private static async Task<GuestException> FailureAsync(QemuProcess process, MachineWatch watch, Func<Task> end, QmpException? cause)
    {
        if (cause?.InnerException is InvalidDataException) return new($"QEMU's monitor can't be understood: {cause.Description}", cause);
        // QEMU closes its connections a moment before its process ends. Its exit status explains more than SIGKILL would.
        await Task.WhenAny(process.Ended, Task.Delay(EndTimeout));
        await end();
        return watch.Failure();
    }

    private GuestException ProtocolError(Exception exception) => _watch.ProtocolError((InvalidDataException)exception);
}
