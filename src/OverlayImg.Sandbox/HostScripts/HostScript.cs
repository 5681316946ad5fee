using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Jobs;
using OverlayImg.Sandbox.Programs;

namespace OverlayImg.Sandbox.HostScripts;

/// <summary>
/// Runs a bash script of the user's on the host, as the user who runs the tool, on the user's own files. Its environment is the same everywhere,
/// so that what it makes depends on little more than itself: <c>PATH</c> is the host's, everything else is set here.
/// </summary>
public static class HostScript
{
    // What a script starts with, in the words of bash: $1 is the script.
    private const string Prologue = """umask 022; exec "$BASH" -e "$1" 2>&1 </dev/null""";
    private const int OutputTailCapacity = 64 << 10;

    // A process that left the script's session may hold its output open; nobody waits for it.
    private static readonly TimeSpan OutputTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Runs the script to its end. Nothing that it started is left, whatever the end is.</summary>
    /// <param name="script">Path of the script's text.</param>
    /// <param name="directory">Its current directory.</param>
    /// <param name="temporaryDirectory">Its <c>TMPDIR</c> and <c>HOME</c>.</param>
    /// <param name="sourceDateEpoch">Its <c>SOURCE_DATE_EPOCH</c>: seconds since 1970.</param>
    /// <param name="output">Gets what it writes to standard output and standard error, as it comes, from another thread.</param>
    /// <param name="cancellationToken">Ends it at once.</param>
    /// <exception cref="MachineException">There is no bash, or it can't be started.</exception>
    /// <exception cref="ScriptException">It ended with a status other than 0.</exception>
    public static async Task RunAsync(string script, string directory, string temporaryDirectory, long sourceDateEpoch,
        Stream output, CancellationToken cancellationToken)
    {
        var bash = InstalledProgram.Locate("bash", "Install it: extra commands are written for bash.");
        var setPriv = InstalledProgram.Locate("setpriv", InstalledProgram.SetPrivAdvice);
        var setSid = InstalledProgram.Locate("setsid", InstalledProgram.SetSidAdvice);
        // As for QEMU: both replace themselves by the next program, so that the process that is started becomes bash, the leader of a group.
        var start = new ProcessStartInfo(setSid, [setPriv, "--pdeathsig", "KILL", "--", bash, "-c", Prologue, "bash", script])
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        SetEnvironment(start.Environment, temporaryDirectory, sourceDateEpoch);
        var tail = new TailBuffer(OutputTailCapacity);
        using var process = await StartAsync(start);
        var pumped = Task.WhenAll(
            Pump(process.StandardOutput.BaseStream, tail, output), Pump(process.StandardError.BaseStream, tail, output));
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        finally
        {
            // The leader by itself too: it may not have made its group yet. Process.Kill is silent about one that has ended.
            process.Kill();
            ProcessGroup.Kill(process.Id);
            await process.WaitForExitAsync(CancellationToken.None);
            await Task.WhenAny(pumped, Task.Delay(OutputTimeout, CancellationToken.None));
        }

        if (process.ExitCode != 0) throw Failed(process.ExitCode, tail);
    }

    private static async Task<Process> StartAsync(ProcessStartInfo start)
    {
        try
        {
            var process = await LauncherThread.RunAsync(() => Process.Start(start) ?? throw new InvalidOperationException("No process came of it."));
            process.StandardInput.Close();
            return process;
        }
        catch (Win32Exception exception)
        {
            throw new MachineException($"The script can't be started: {exception.Message}", exception);
        }
    }

    private static void SetEnvironment(IDictionary<string, string?> environment, string temporaryDirectory, long sourceDateEpoch)
    {
        var path = environment.TryGetValue("PATH", out var value) ? value : null;
        environment.Clear();
        environment["PATH"] = path ?? "/usr/local/bin:/usr/bin:/bin";
        environment["HOME"] = environment["TMPDIR"] = temporaryDirectory;
        environment["LC_ALL"] = "C";
        environment["TZ"] = "UTC";
        environment["SOURCE_DATE_EPOCH"] = sourceDateEpoch.ToString(CultureInfo.InvariantCulture);
    }

    // A thread each: reading a pipe blocks.
    private static Task Pump(Stream source, TailBuffer tail, Stream output) => Task.Factory.StartNew(
        () =>
        {
            var buffer = new byte[4096];
            while (source.Read(buffer) is > 0 and var count)
            {
                tail.Append(buffer.AsSpan(0, count));
                output.Write(buffer.AsSpan(0, count));
            }
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    private static ScriptException Failed(int status, TailBuffer tail) => ScriptFailure.OnHost(new()
    {
        Status = status,
        FailedPhase = JobPhase.ExtraCommands,
        OutOfMemory = false,
        NoSpace = false,
        PluggingTime = default,
        Phases = [],
        ResultAt = Stopwatch.GetTimestamp(),
        LastLines = tail.LastLines(DiagnosticOutput.LogLines),
    });
}
