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
        var how = $"{Name(result.FailedPhase)} {Ending(result.Status)}";
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

    private static bool NamesNetwork(JobResult result) =>
        result.LastLines.Any(line => NetworkErrors.Any(error => line.Contains(error, StringComparison.OrdinalIgnoreCase)));

    /// <summary>Describes the failure of a script in a guest whose upper disk has a damaged file system.</summary>
    public static ScriptException OnDamagedDisk(JobResult result) =>
        new($"The file system on the guest's disk is damaged: {Name(result.FailedPhase)} {Ending(result.Status)}", result)
        {
            Advice = "Look for a command in the script that writes to the disk's device.",
        };

    /// <summary>Describes the failure of a script on the host.</summary>
    public static ScriptException OnHost(JobResult result) => new(Capitalised($"{Name(result.FailedPhase)} {Ending(result.Status)}"), result);

    private static string Name(JobPhase? phase) =>
        phase is null or JobPhase.Script ? "the script" : $"the {phase.Value.Name()} script";

    private static string Ending(int status) => status is > SignalBase and <= SignalBase + 64
        ? string.Create(CultureInfo.InvariantCulture, $"ended with status {status} (signal {status - SignalBase})")
        : string.Create(CultureInfo.InvariantCulture, $"ended with status {status}");

    private static string Capitalised(string sentence) => char.ToUpperInvariant(sentence[0]) + sentence[1..];
}
