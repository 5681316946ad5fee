using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using OverlayImg.Sandbox.Ports;
using OverlayImg.Sandbox.Qmp;

namespace OverlayImg.Sandbox.Qemu;

/// <summary>
/// A virtual machine with a guest that is READY: the process, its monitor and its ports. Disposing of it ends the machine and leaves nothing.
/// </summary>
internal sealed class GuestMachine : IAsyncDisposable
{
    private const int ProtocolVersion = 1;
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

    /// <summary>From the start of QEMU to READY.</summary>
    public TimeSpan TimeToReady { get; private set; }

    /// <summary>QEMU.</summary>
    public QemuProcess Process { get; }

    /// <summary>QEMU's monitor.</summary>
    public QmpClient Monitor => _monitor ?? throw new InvalidOperationException("The monitor is not connected yet.");

    /// <summary>The guest's control port.</summary>
    public ControlPort Control => _control ?? throw new InvalidOperationException("The control port is not connected yet.");

    /// <summary>The guest's log port.</summary>
    public LogPort Log => _log ?? throw new InvalidOperationException("The log port is not connected yet.");

    /// <summary>Starts QEMU and waits for READY.</summary>
    /// <exception cref="MachineException">QEMU can't be started, or it or the guest ended.</exception>
    /// <exception cref="GuestTimeoutException">The guest did not become READY in time.</exception>
    public static async Task<GuestMachine> BootAsync(
        QemuProgram program, GuestOptions options, Accelerator accelerator, CancellationToken cancellationToken)
    {
        var image = options.Image;
        var commandLine = new QemuCommandLine(
            image.KernelPath, image.InitramfsPath, accelerator, options.MemoryMiB, options.Cpus, options.Network, SystemCallFilter: true);
        try
        {
            return await BootAsync(program, commandLine, options, cancellationToken);
        }
        catch (GuestException exception) when (exception.QemuErrors.Any(TellsOfFilter))
        {
            // This build of QEMU, or the kernel it runs on, has no system call filter. It is a second line of defence that one can live without.
            return await BootAsync(program, commandLine with { SystemCallFilter = false }, options, cancellationToken);
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

    /// <summary>Lets QEMU end in its own way, and kills it when it does not.</summary>
    public async Task QuitAsync()
    {
        try
        {
            await Monitor.ExecuteAsync("quit").WaitAsync(EndPatience);
            await Process.Ended.WaitAsync(EndPatience);
        }
        catch (Exception exception) when (exception is QmpException or TimeoutException)
        {
            // It went before it could answer (the guest's power-off was quicker), or it hangs.
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

    private static bool TellsOfFilter(string error) =>
        error.Contains("sandbox", StringComparison.OrdinalIgnoreCase) || error.Contains("seccomp", StringComparison.OrdinalIgnoreCase);

    private static async Task<GuestMachine> BootAsync(
        QemuProgram program, QemuCommandLine commandLine, GuestOptions options, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var number = Interlocked.Increment(ref _lastNumber).ToString(CultureInfo.InvariantCulture);
        var directory = Path.Combine(options.ScratchPath, $"guest-{number}");
        var sockets = GuestSockets.Create(directory, QemuCommandLine.MonitorSocket, QemuCommandLine.ControlSocket, QemuCommandLine.LogSocket);
        QemuProcess process;
        try
        {
            process = await QemuProcess.StartAsync(program, commandLine.Arguments(), directory);
        }
        catch
        {
            sockets.Dispose();
            throw;
        }

        var machine = new GuestMachine(commandLine.Accelerator, sockets, process);
        try
        {
            await machine.WaitUntilReadyAsync(options.BootTimeoutOn(commandLine.Accelerator), cancellationToken);
            machine.TimeToReady = Stopwatch.GetElapsedTime(started);
            return machine;
        }
        catch
        {
            await machine.DisposeAsync();
            throw;
        }
    }

    private async Task WaitUntilReadyAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        // Sockets that QEMU never called, because it ended first, are waited for no longer.
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Process.EndedToken);
        waiting.CancelAfter(timeout);
        try
        {
            await ConnectAsync(waiting.Token);
            switch (await Control.ReadAsync(waiting.Token))
            {
                case ControlMessage.Ready { Version: ProtocolVersion }: return;
                case ControlMessage.Ready { Version: var version }: throw MachineWatch.WrongVersion(version, ProtocolVersion);
                case null: throw await FailureAsync();
                case var other: throw new InvalidDataException($"'{other}'");
            }
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
