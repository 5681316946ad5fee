using System.Globalization;
using OverlayImg.Sandbox.Settings;

namespace OverlayImg.Sandbox.Jobs;

/// <summary>Builds the exception for a failed script: a sentence with the cause, and advice where a setting helps.</summary>
internal static class ScriptFailure
{
    private const int SignalBase = 128;

    // Error messages of the C library, apt, curl, wget, git, pip and bash for a name or a connection that fails.
    private static readonly string[] NetworkErrors =
    [
        "Temporary failure in name resolution", "Temporary failure resolving", "Name or service not known", "Could not resolve", "Couldn't resolve",
        "Network is unreachable", "Network unreachable", "No route to host", "bad address '", "dial tcp: lookup", "unable to resolve host address",
    ];

    /// <summary>Describes the failure of a script in a guest.</summary>
    public static ScriptException Of(JobResult result, int memoryMiB, bool hasNetwork)
    {
        var how = Sentence(result);
        if (result.OutOfMemory)
        {
            var memory = memoryMiB.ToString(CultureInfo.InvariantCulture);
            return new($"The guest ran out of memory: {how}", result)
            {
                Advice = new($"Give the guest more than {memory} MiB of memory.", GuestSetting.Memory),
            };
        }

        if (result.NoSpace)
        {
            return new($"The guest's disk is full: {how}", result) { Advice = new("Give the guest a larger disk.", FileSystemSetting.DiskSize) };
        }

        return new(Capitalised(how), result)
        {
            Advice = !hasNetwork && NamesNetwork(result) ? new("The guest has no network. Give it a network.", GuestSetting.Network) : null,
        };
    }

    /// <summary>Describes the end of an interactive shell whose changes the user threw away.</summary>
    public static ScriptException OfShell(JobResult result) =>
        new($"The shell {Ending(result.Status)}, and what it changed was thrown away; no layer was written", result with { LastLines = [] });

    private static bool NamesNetwork(JobResult result) =>
        result.LastLines.Any(line => NetworkErrors.Any(error => line.Contains(error, StringComparison.OrdinalIgnoreCase)));

    /// <summary>Describes the failure of a script in a guest whose upper disk has a damaged file system.</summary>
    public static ScriptException OnDamagedDisk(JobResult result) =>
        new($"The file system on the guest's disk is damaged: {Sentence(result)}", result)
        {
            Advice = "Look for a command in the script that writes to the disk's device.",
        };

    /// <summary>Describes the failure of a script on the host.</summary>
    public static ScriptException OnHost(JobResult result) => new(Capitalised(Sentence(result)), result);

    // Such as "setup.sh, line 7: `apt-get install -y curl` ended with status 100".
    private static string Sentence(JobResult result)
    {
        var script = result.FailedScript ?? new();
        var step = script is { Step: { } number, StepCount: > 1 } ? string.Create(CultureInfo.InvariantCulture, $"step {number}") : null;
        if (script is { IsCommands: true, Name: { } commands })
            return $"{(step is null ? "" : step + ": ")}`{FailedCommand.OneLine(commands)}` {Ending(result.Status)}";
        var name = script.Name is null ? Name(result.FailedPhase)
            : result.FailedPhase is null or JobPhase.Script ? script.Name
            : $"{Name(result.FailedPhase)} ({script.Name})";
        var subject = step is null ? name : $"{step} ({name})";
        return script.Command switch
        {
            null => $"{subject} {Ending(result.Status)}",
            { IsExit: true } exit => $"{subject} {Ending(result.Status)} (`{exit.Text}`{Line(exit, " in line ")})",
            { Function: { } function } command =>
                $"{subject}, {function} called in line {Number(command)}: `{command.Text}` {Endings(command, result)}",
            { SourcedFile: { } file } command => $"{subject}, {file}{Line(command, ", line ")}: `{command.Text}` {Endings(command, result)}",
            var command => $"{subject}{Line(command, ", line ")}: `{command.Text}` {Endings(command, result)}",
        };
    }

    // A trap of the script can end it with another status than that of the command.
    private static string Endings(FailedCommand command, JobResult result) => command.Status == result.Status
        ? Ending(result.Status) : $"{Ending(command.Status)}, and the script {Ending(result.Status)}";

    private static string Line(FailedCommand command, string before) => command.Line is null ? "" : before + Number(command);

    private static string Number(FailedCommand command) => command.Line?.ToString(CultureInfo.InvariantCulture) ?? "";

    private static string Name(JobPhase? phase) =>
        phase is null or JobPhase.Script ? "the script" : $"the {phase.Value.Name()} script";

    private static string Ending(int status) => status is > SignalBase and <= SignalBase + 64
        ? string.Create(CultureInfo.InvariantCulture, $"ended with status {status} (signal {status - SignalBase})")
        : string.Create(CultureInfo.InvariantCulture, $"ended with status {status}");

    // The name of a script keeps its case.
    private static string Capitalised(string sentence) =>
        sentence.StartsWith("the ", StringComparison.Ordinal) || sentence.StartsWith("step ", StringComparison.Ordinal)
            ? char.ToUpperInvariant(sentence[0]) + sentence[1..] : sentence;
}
