using System.ComponentModel;
using System.Diagnostics;

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
    private static readonly TimeSpan KillPatience = TimeSpan.FromSeconds(2);

    private readonly Process _process;
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _consoleRead;
    private readonly Task _errorsRead;

    private QemuProcess(Process process)
    {
        _process = process;
        _consoleRead = Pump(process.StandardOutput.BaseStream, Console);
        _errorsRead = Pump(process.StandardError.BaseStream, Errors);
        Ended = WaitAsync();
    }

    /// <summary>Identity of the process.</summary>
    public int Id => _process.Id;

    /// <summary>The guest's kernel console.</summary>
    public TailBuffer Console { get; } = new(ConsoleCapacity);

    /// <summary>What QEMU itself had to say.</summary>
    public TailBuffer Errors { get; } = new(ErrorsCapacity);

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
        var start = new ProcessStartInfo(command[0], [.. command[1..], .. arguments])
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LC_ALL"] = "C";
        try
        {
            var process = await LauncherThread.RunAsync(() => Process.Start(start) ?? throw new InvalidOperationException("No process came of it."));
            process.StandardInput.Close();
            return new(process);
        }
        catch (Win32Exception exception)
        {
            throw new MachineException($"QEMU can't be started: {exception.Message}", exception);
        }
    }

    /// <summary>Ends QEMU at once. Nothing is lost: its disks are either only read, or worthless when the job did not end by itself.</summary>
    public void Kill()
    {
        Killed = true;
        // Process.Kill is silent about a process that has ended already.
        _process.Kill();
    }

    /// <summary>Kills QEMU, if it has not ended, and waits for its end.</summary>
    public async Task EndAsync()
    {
        if (!Ended.IsCompleted) Kill();
        if (await Task.WhenAny(Ended, Task.Delay(KillPatience)) == Ended) await Ended;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.Dispose();
        _ended.Dispose();
    }

    private async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync();
        await Task.WhenAll(_consoleRead, _errorsRead);
        await _ended.CancelAsync();
        return _process.ExitCode;
    }

    // A thread each: reading a pipe blocks, and the thread pool has but as many threads as there are processors before it hesitates.
    private static Task Pump(Stream source, TailBuffer destination) => Task.Factory.StartNew(
        () =>
        {
            var buffer = new byte[4096];
            while (source.Read(buffer) is > 0 and var count) destination.Append(buffer.AsSpan(0, count));
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);
}
