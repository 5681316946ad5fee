using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace OverlayImg.Images;

/// <summary>Rules of the part of a config that says how containers run (image-spec, config.md "config").</summary>
internal static partial class ContainerConfigRules
{
    private const string Type = "config-type";

    public static void Check(CheckedJson container)
    {
        if (!container.IsObject(Type)) return;
        container.Member("WorkingDir")?.Text(Type);
        container.Member("ArgsEscaped")?.IsBoolean(Type);
        foreach (var list in (string[])["Entrypoint", "Cmd", "OnBuild", "Shell"])
        {
            foreach (var argument in container.Member(list)?.Items(Type) ?? []) argument.Text(Type);
        }

        foreach (var variable in container.Member("Env")?.Items(Type) ?? []) CheckVariable(variable);
        foreach (var (_, value) in container.Member("Labels")?.Members(Type) ?? []) value.Text(Type);
        foreach (var (port, value) in SetOf(container, "ExposedPorts")) CheckPort(port, value);
        foreach (var (path, value) in SetOf(container, "Volumes"))
        {
            if (path.Length == 0) value.Error("config-volume", "has no path");
        }

        if (container.Member("User") is { } user) CheckUser(user);
        if (container.Member("StopSignal") is { } signal) CheckSignal(signal);
    }

    // Go's map[string]struct{}: the values are there for the form's sake.
    private static IReadOnlyList<(string Key, CheckedJson Value)> SetOf(CheckedJson container, string key)
    {
        var members = container.Member(key)?.Members(Type) ?? [];
        foreach (var (_, value) in members)
        {
            if (value.Kind == JsonValueKind.Null) value.Warn(Type, "is null, where an empty object is due");
            else if (value.IsObject(Type) && value.Members(Type).Count > 0) value.Error(Type, "should be an empty object");
        }

        return members;
    }

    private static void CheckVariable(CheckedJson variable)
    {
        if (variable.Text("config-env") is not { } text) return;
        if (text.IndexOf('=', StringComparison.Ordinal) <= 0) variable.Error("config-env", $"is '{JsonInput.Printable(text)}', not NAME=VALUE");
        else if (text.Contains('\0', StringComparison.Ordinal)) variable.Error("config-env", "holds a NUL, which no environment can");
    }

    private static void CheckPort(string port, CheckedJson value)
    {
        var match = PortPattern.Match(port);
        if (match.Success && int.Parse(match.Groups["port"].Value, CultureInfo.InvariantCulture) is >= 0 and <= 65535) return;
        // Docker keeps ranges as they are written in a Dockerfile with variables; the specification knows single ports only.
        value.Error("config-port", "is no port: PORT, PORT/tcp or PORT/udp");
    }

    private static void CheckUser(CheckedJson user)
    {
        if (user.Text(Type) is not { } text || UserPattern.IsMatch(text)) return;
        user.Error("config-user", $"is '{JsonInput.Printable(text)}'; a user is NAME or UID, and :GROUP or :GID behind it");
    }

    private static void CheckSignal(CheckedJson signal)
    {
        if (signal.Text(Type) is { } text && !SignalPattern.IsMatch(text))
            signal.Error("config-stop-signal", $"is '{JsonInput.Printable(text)}'; a signal is SIGNAME or a number");
    }

    [GeneratedRegex(@"\A(?<port>[0-9]{1,5})(?:/(?:tcp|udp|sctp))?\z")]
    private static partial Regex PortPattern { get; }

    [GeneratedRegex(@"\A[^:\s\p{C}]*(?::[^:\s\p{C}]+)?\z")]
    private static partial Regex UserPattern { get; }

    [GeneratedRegex(@"\A(?:|[0-9]{1,2}|(?:SIG)?[A-Z][A-Z0-9]*(?:[+-][0-9]{1,2})?)\z")]
    private static partial Regex SignalPattern { get; }
}
