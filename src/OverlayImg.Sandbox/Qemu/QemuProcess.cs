using System.ComponentModel;
using System.Diagnostics;
using CliWrap;
using CliWrap.Builders;
using OverlayImg.Sandbox.Programs;

namespace OverlayImg.Sandbox.Qemu;

/// <summary>
/// A running QEMU that can't outlive the tool. <c>setpriv --pdeathsig KILL</c> makes the kernel kill it when the tool ends, however that
/// happens; <c>setsid</c> gives it a session of its own, so that the terminal's Ctrl-C reaches the tool alone. Both replace themselves by the
/// next program: the process that is started becomes QEMU.
/// </summary>
internal sealed class QemuProcess : IDisposable
{
    /// <summary>Where QEMU finds the state that it was started with.</summary>
    public const string StateAddress = "fd:9";

    private const int ConsoleCapacity = 64 << 10;
    private const int ErrorsCapacity = 8 << 10;

    // How long a process may take to vanish after SIGKILL. One that hangs in the kernel (KVM's) is then left to the kernel.
    private static readonly TimeSpan KillTimeout = TimeSpan.FromSeconds(2);

    // A handle of our own: CliWrap disposes of its handle when QEMU has ended, which may be while Kill runs. Null: QEMU had ended before it was opened.
    private readonly Process? _process;
    private readonly CancellationTokenSource _ended = new();

    private QemuProcess(CommandTask<CommandResult> execution, TailBuffer console, TailBuffer errors)
    {
        _process = Open(execution.ProcessId);
        (Id, Console, Errors) = (execution.ProcessId, console, errors);
        Ended = WaitAsync(execution);
    }

    /// <summary>Identity of the process.</summary>
    public int Id { get; }

    /// <summary>The guest's kernel console.</summary>
    public TailBuffer Console { get; }

    /// <summary>What QEMU itself had to say.</summary>
    public TailBuffer Errors { get; }

    /// <summary>The exit status, 128 + n for signal n, when QEMU has ended and everything that it said has been read.</summary>
    public Task<int> Ended { get; }

    /// <summary>Is cancelled when QEMU has ended.</summary>
    public CancellationToken EndedToken => _ended.Token;

    /// <summary>Whether <see cref="Kill"/> was called: the signal it ends by is ours then.</summary>
    public bool Killed { get; private set; }

    /// <summary>Starts QEMU with <paramref name="directory"/> as its current directory.</summary>
    /// <param name="program">Which.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="directory">Absolute path.</param>
    /// <param name="statePath">A file that it gets open as descriptor 9; null for none.</param>
    /// <exception cref="MachineException">It can't be started.</exception>
    public static async Task<QemuProcess> StartAsync(
        QemuProgram program, IReadOnlyList<string> arguments, string directory, string? statePath = null)
    {
        string[] leash = [program.SetSid, program.SetPriv, "--pdeathsig", "KILL", "--", program.Path];
        // The runtime opens no descriptors for its children; the shell does, and replaces itself like the others.
        string[] command = statePath is null ? leash : ["/bin/sh", "-c", "exec \"$@\" 9<\"$0\"", statePath, .. leash];
        TailBuffer console = new(ConsoleCapacity);
        TailBuffer errors = new(ErrorsCapacity);
        // Cli.Wrap asks for the current directory of the tool, which may be gone.
        var qemu = new Command(
            command[0], new ArgumentsBuilder().Add([.. command[1..], .. arguments]).Build(), directory, ResourcePolicy.Default, Credentials.Default,
            new Dictionary<string, string?> { ["LC_ALL"] = "C" }, CommandResultValidation.None, PipeSource.Null, Pump(console), Pump(errors));
        try
        {
            // CliWrap starts the process on the thread that calls it.
            return await LauncherThread.RunAsync(() => new QemuProcess(qemu.ExecuteAsync(), console, errors));
        }
        catch (Win32Exception exception)
        {
            throw new MachineException($"QEMU can't be started: {exception.InnerException?.Message ?? exception.Message}", exception);
        }
    }

    /// <summary>
    /// Ends QEMU at once. Nothing is lost: its disks are either only read, or worthless when the job did not end by itself. CliWrap's own cancellation
    /// would first search all processes of the machine for children of QEMU.
    /// </summary>
    public void Kill()
    {
        Killed = true;
        // Process.Kill is silent about a process that has ended already.
        _process?.Kill();
    }

    /// <summary>Kills QEMU, if it has not ended, and waits for its end.</summary>
    public async Task EndAsync()
    {
        if (!Ended.IsCompleted) Kill();
        if (await Task.WhenAny(Ended, Task.Delay(KillTimeout)) == Ended) await Ended;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process?.Dispose();
        _ended.Dispose();
    }

    private static Process? Open(int id)
    {
        try
        {
            var process = Process.GetProcessById(id);
            // From here on the runtime knows by this handle, too, when the process ends: Kill never meets another process of the same number.
            _ = process.HasExited;
            return process;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private async Task<int> WaitAsync(CommandTask<CommandResult> execution)
    {
        var result = await execution;
        await _ended.CancelAsync();
        return result.ExitCode;
    }

    private static PipeTarget Pump(TailBuffer destination) => PipeTarget.Create(async (source, cancellationToken) =>
    {
        var buffer = new byte[4096];
        while (await source.ReadAsync(buffer, cancellationToken) is > 0 and var count) destination.Append(buffer.AsSpan(0, count));
    });
}
