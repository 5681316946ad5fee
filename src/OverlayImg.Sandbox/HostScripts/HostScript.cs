using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Jobs;
using OverlayImg.Sandbox.Programs;

namespace OverlayImg.Sandbox.HostScripts;

/// <summary>
/// Runs a bash script of the user on the host, with the user's rights. <c>PATH</c> is inherited; every other environment variable is fixed, so
/// that the script's result depends on as little of the host as possible.
/// </summary>
public static class HostScript
{
    // Bash replaces itself by the script ($1) with a fixed umask, both streams in one, and empty standard input.
    private const string Prologue = """umask 022; exec "$BASH" -e "$1" 2>&1 </dev/null""";
    private const int OutputTailCapacity = 64 << 10;

    // The wait is limited, because a process that left the script's session may keep the output pipe open for ever.
    private static readonly TimeSpan OutputTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Runs a script to its end. Every process of the script's process group is killed at the end.</summary>
    /// <param name="script">Path of the script.</param>
    /// <param name="directory">The current directory of the script.</param>
    /// <param name="temporaryDirectory">The script's <c>TMPDIR</c> and <c>HOME</c>.</param>
    /// <param name="sourceDateEpoch">The script's <c>SOURCE_DATE_EPOCH</c>: seconds since 1970.</param>
    /// <param name="output">Receives standard output and standard error while the script runs, from another thread.</param>
    /// <exception cref="MachineException">Bash or util-linux is not installed, or bash can't be started.</exception>
    /// <exception cref="ScriptException">The script ended with a status other than 0.</exception>
    public static async Task RunAsync(string script, string directory, string temporaryDirectory, long sourceDateEpoch,
        Stream output, CancellationToken cancellationToken)
    {
        var bash = InstalledProgram.Locate("bash", "Install bash: extra commands are bash scripts.");
        var setPriv = InstalledProgram.Locate("setpriv", InstalledProgram.SetPrivAdvice);
        var setSid = InstalledProgram.Locate("setsid", InstalledProgram.SetSidAdvice);
        // setsid and setpriv replace themselves by the next program, so the started process becomes bash and the leader of a process group.
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
            // The leader is killed by its own number too, because its process group may not exist yet. Process.Kill ignores an ended process.
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
            var process = await LauncherThread.RunAsync(
                () => Process.Start(start) ?? throw new InvalidOperationException("Process.Start returned no process."));
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

    // Each pipe has a thread of its own, because reading a pipe blocks.
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
