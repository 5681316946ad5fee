using System.ComponentModel;
using System.Diagnostics;
using CliWrap;
using CliWrap.Builders;
using OverlayImg.Sandbox.Programs;

namespace OverlayImg.Sandbox.Qemu;

/// <summary>
/// A running QEMU that can't outlive the tool. <c>setpriv --pdeathsig KILL</c> has the kernel kill QEMU when the tool ends for any reason.
/// <c>setsid</c> gives QEMU its own session, so that Ctrl-C in the terminal reaches the tool only. Both programs replace themselves by the next
/// one, so the started process becomes QEMU.
/// </summary>
internal sealed class QemuProcess : IDisposable
{
    /// <summary>Migration address of the state file that QEMU inherits as a descriptor.</summary>
    public const string StateAddress = "fd:9";

    private const int ConsoleCapacity = 64 << 10;
    private const int ErrorsCapacity = 8 << 10;

    // How long QEMU may take to end after SIGKILL. A process that hangs in the kernel (in KVM, for example) is then abandoned.
    private static readonly TimeSpan KillTimeout = TimeSpan.FromSeconds(2);

    // A handle of this class, because CliWrap disposes its own when QEMU ends, which may be while Kill runs. Null if QEMU ended before it was opened.
    private readonly Process? _process;
    private readonly CancellationTokenSource _ended = new();

    private QemuProcess(CommandTask<CommandResult> execution, TailBuffer console, TailBuffer errors)
    {
        _process = Open(execution.ProcessId);
        (Id, Console, Errors) = (execution.ProcessId, console, errors);
        Ended = WaitAsync(execution);
    }

    public int Id { get; }

    /// <summary>The last output of the guest's kernel console.</summary>
    public TailBuffer Console { get; }

    /// <summary>The last output of QEMU's standard error.</summary>
    public TailBuffer Errors { get; }

    /// <summary>The exit status (128 + n for signal n), after QEMU has ended and its output has been read.</summary>
    public Task<int> Ended { get; }

    /// <summary>Is cancelled when QEMU has ended.</summary>
    public CancellationToken EndedToken => _ended.Token;

    /// <summary>Whether <see cref="Kill"/> was called, so that the exit status says nothing about QEMU.</summary>
    public bool Killed { get; private set; }

    /// <summary>Starts QEMU with <paramref name="directory"/> as its current directory.</summary>
    /// <param name="program">The executables of QEMU, <c>setsid</c> and <c>setpriv</c>.</param>
    /// <param name="arguments">QEMU's arguments.</param>
    /// <param name="directory">Absolute path.</param>
    /// <param name="statePath">A file that QEMU inherits, open for reading, as descriptor 9; null for none.</param>
    /// <exception cref="MachineException">QEMU can't be started.</exception>
    public static async Task<QemuProcess> StartAsync(
        QemuProgram program, IReadOnlyList<string> arguments, string directory, string? statePath = null)
    {
        string[] launchers = [program.SetSid, program.SetPriv, "--pdeathsig", "KILL", "--", program.Path];
        // .NET can't pass an open descriptor to a child. A shell can, and it replaces itself by the next program too.
        string[] command = statePath is null ? launchers : ["/bin/sh", "-c", "exec \"$@\" 9<\"$0\"", statePath, .. launchers];
        TailBuffer console = new(ConsoleCapacity);
        TailBuffer errors = new(ErrorsCapacity);
        // Not Cli.Wrap, which fails if the tool's current directory has been deleted.
        var qemu = new Command(
            command[0], new ArgumentsBuilder().Add([.. command[1..], .. arguments]).Build(), directory, ResourcePolicy.Default, Credentials.Default,
            new Dictionary<string, string?> { ["LC_ALL"] = "C" }, CommandResultValidation.None, PipeSource.Null, Pump(console), Pump(errors));
        try
        {
            // CliWrap starts the process on the calling thread, which must be the launcher thread.
            return await LauncherThread.RunAsync(() => new QemuProcess(qemu.ExecuteAsync(), console, errors));
        }
        catch (Win32Exception exception)
        {
            throw new MachineException($"QEMU can't be started: {exception.InnerException?.Message ?? exception.Message}", exception);
        }
    }

    /// <summary>
    /// Kills QEMU. Nothing is lost: its disks are read-only, or worthless because the job has not ended. CliWrap's own cancellation is not used,
    /// because it first searches all processes of the machine for children of QEMU.
    /// </summary>
    public void Kill()
    {
        Killed = true;
        // Process.Kill ignores a process that has ended already.
        _process?.Kill();
    }

    /// <summary>Kills QEMU, if it has not ended, and waits for its end, for at most two seconds.</summary>
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
            // Makes the runtime track the end of the process, so that Kill never hits another process that has got the same ID.
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
