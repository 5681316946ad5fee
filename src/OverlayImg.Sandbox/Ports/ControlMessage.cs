using System.Buffers;
using System.Globalization;
using System.Text;
using OverlayImg.FileSystems;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Sandbox.Ports;

/// <summary>A line from the guest on the control port (vm-images/PROTOCOL.md).</summary>
internal abstract record ControlMessage
{
    private const string ScriptPhase = "script";

    private static readonly Dictionary<string, CacheState> CacheStates = new(StringComparer.Ordinal)
    {
        ["clean"] = CacheState.Clean,
        ["full"] = CacheState.Full,
        ["damaged"] = CacheState.Damaged,
        ["unusable"] = CacheState.Unusable,
    };

    private ControlMessage()
    {
    }

    /// <summary><c>READY version</c>: the guest waits for a line from the host.</summary>
    internal sealed record Ready(int Version) : ControlMessage;

    /// <summary><c>PHASE name</c>: a phase of the job begins.</summary>
    internal sealed record PhaseBegan(JobPhase Phase) : ControlMessage;

    /// <summary><c>WARNING sentence</c>: a warning for the user. The job goes on.</summary>
    internal sealed record Warning(string Sentence) : ControlMessage;

    /// <summary><c>CACHE n state</c>: the state of a cache at the end of the job.</summary>
    internal sealed record CacheEnded(int Index, CacheState State) : ControlMessage;

    /// <summary><c>FAILURE bytes</c>: a part of the failure record of the script that failed.</summary>
    internal sealed record FailurePart(byte[] Bytes) : ControlMessage;

    /// <summary><c>COMMANDS bytes</c>: a part of the commands that were typed in the interactive shell.</summary>
    internal sealed record CommandsPart(byte[] Bytes) : ControlMessage;

    /// <summary><c>SHELL status [oom] [no-space]</c>: the interactive shell has ended, and the guest waits for KEEP or DISCARD.</summary>
    internal sealed record ShellEnded(ShellEnd End) : ControlMessage;

    /// <summary><c>RESULT ok</c>: all scripts succeeded.</summary>
    internal sealed record Succeeded : ControlMessage;

    /// <summary><c>RESULT failed phase status [oom] [no-space]</c>: a script ended with a status other than 0.</summary>
    internal sealed record Failed(JobPhase Phase, int Status, bool OutOfMemory, bool NoSpace) : ControlMessage;

    /// <summary><c>RESULT error sentence</c>: the guest itself failed, and no script is the cause.</summary>
    internal sealed record GuestError(string Sentence) : ControlMessage;

    /// <summary>Parses a line without its newline. Returns null for a line that the protocol does not allow; the guest is not trusted.</summary>
    public static ControlMessage? Parse(ReadOnlySpan<byte> line)
    {
        if (line.StartsWith("RESULT error "u8)) return new GuestError(DisplayName.Of(line["RESULT error ".Length..]));
        if (line.StartsWith("WARNING "u8)) return new Warning(DisplayName.Of(line["WARNING ".Length..]));
        return Encoding.ASCII.GetString(line).Split(' ') switch
        {
            ["READY", var version] when Number(version) is { } number => new Ready(number),
            ["PHASE", var name] when JobPhaseNames.Find(name) is { } phase => new PhaseBegan(phase),
            ["CACHE", var text, var name] when Number(text) is { } index && CacheStates.TryGetValue(name, out var state) =>
                new CacheEnded(index, state),
            ["FAILURE", var digits] when Decoded(digits) is { } bytes => new FailurePart(bytes),
            ["COMMANDS", var digits] when Decoded(digits) is { } bytes => new CommandsPart(bytes),
            ["SHELL", "0"] => new ShellEnded(new(0)),
            ["SHELL", var status, .. var flags] when Failure(ScriptPhase, Number(status), flags) is { } failed =>
                new ShellEnded(new(failed.Status, failed.OutOfMemory, failed.NoSpace)),
            ["RESULT", "ok"] => new Succeeded(),
            ["RESULT", "failed", var name, var status, .. var flags] => Failure(name, Number(status), flags),
            _ => null,
        };
    }

    private static Failed? Failure(string name, int? status, string[] flags) =>
        JobPhaseNames.Find(name) is { } phase && status is > 0 and <= 255 and var number
        && flags is [] or ["oom"] or ["no-space"] or ["oom", "no-space"]
            ? new(phase, number, flags.Contains("oom"), flags.Contains("no-space"))
            : null;

    private static byte[]? Decoded(string digits)
    {
        var bytes = new byte[digits.Length / 2];
        return Convert.FromHexString(digits, bytes, out var read, out _) == OperationStatus.Done && read == digits.Length ? bytes : null;
    }

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
