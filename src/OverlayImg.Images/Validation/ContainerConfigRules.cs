using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using OverlayImg.Images.Json;

namespace OverlayImg.Images.Validation;

/// <summary>
/// Rules for the container config of an image (OCI Image Specification, config, "config"; Docker defines more members).
/// Validation reports findings; a build refuses a config that breaks a rule.
/// </summary>
public static partial class ContainerConfigRules
{
    private const string Type = "config-type";
    private static readonly string[] Texts = ["Hostname", "Domainname", "Image", "MacAddress"];
    private static readonly string[] Booleans =
        ["ArgsEscaped", "AttachStdin", "AttachStdout", "AttachStderr", "Tty", "OpenStdin", "StdinOnce", "NetworkDisabled"];

    private static readonly string[] Names =
    [
        .. Texts, .. Booleans, "Entrypoint", "Cmd", "OnBuild", "Shell", "Env", "Labels", "ExposedPorts", "Volumes",
        "User", "StopSignal", "WorkingDir", "StopTimeout", "Healthcheck", "Memory", "MemorySwap", "CpuShares",
    ];

    private static readonly string[] ImageNames =
    [
        "architecture", "author", "config", "container", "container_config", "created", "docker_version", "history",
        "os", "os.features", "os.version", "parent", "rootfs", "variant",
    ];

    /// <summary>
    /// Throws if an image config has a member name in the wrong case. Clients written in Go ignore the case, so that a
    /// member that a build adds would silently replace such a member.
    /// </summary>
    /// <param name="config">The whole image config.</param>
    /// <exception cref="InputException">A member name has the wrong case.</exception>
    public static void RequireNames(JsonObject config, InputLocation where)
    {
        var wrong = config.Select(member => (Name: member.Key, Meant: RightName(member.Key, ImageNames)))
            .Concat((config["config"] as JsonObject ?? []).Select(member => (Name: $"config.{member.Key}", Meant: RightName(member.Key, Names))))
            .FirstOrDefault(member => member.Meant is not null);
        if (wrong.Meant is null) return;
        throw new InputException($"has the member '{wrong.Name}' in the wrong case, which is '{wrong.Meant}'", where)
        {
            Advice = "Correct it with the program that made the image: clients don't agree on what such a member means.",
        };
    }

    /// <summary>Throws if clients can't load or run an image with this container config.</summary>
    /// <param name="config">The container config as JSON.</param>
    /// <exception cref="InputException">The config breaks a rule; the message names the first one.</exception>
    public static void Require(ReadOnlyMemory<byte> config)
    {
        var findings = new Findings();
        if (CheckedJson.Parse(config, "the container's config", findings) is { } container) Check(container);
        if (findings.Kept.FirstOrDefault(finding => finding.Severity == Severity.Error) is not { } broken) return;
        throw new InputException(broken.What, new(broken.Where)) { Advice = "Container clients could not load or run the image." };
    }

    internal static void Check(CheckedJson container)
    {
        if (!container.IsObject(Type)) return;
        // Clients written in Go ignore the case of names: they would merge such a member with the right one, or read it
        // unchecked.
        foreach (var (name, value) in container.Members(Type))
        {
            if (RightName(name, Names) is { } meant)
                value.Error("config-name", $"has a name in the wrong case, which is '{meant}'");
        }

        foreach (var text in Texts) container.Member(text)?.Text(Type);
        foreach (var boolean in Booleans) container.Member(boolean)?.IsBoolean(Type);
        foreach (var list in (string[])["Entrypoint", "Cmd", "OnBuild", "Shell"])
        {
            foreach (var argument in container.Member(list)?.Items(Type) ?? []) argument.Text(Type);
        }

        foreach (var variable in container.Member("Env")?.Items(Type) ?? []) CheckVariable(variable);
        foreach (var (_, value) in container.Member("Labels")?.Members(Type) ?? []) value.Text(Type);
        foreach (var (port, value) in SetOf(container, "ExposedPorts")) CheckPort(port, value);
        foreach (var (path, value) in SetOf(container, "Volumes"))
        {
            if (!DrivePattern.IsMatch(path)) value.Error("config-volume", "is not an absolute path");
        }

        if (container.Member("User") is { } user) CheckUser(user);
        if (container.Member("StopSignal") is { } signal) CheckSignal(signal);
        if (container.Member("WorkingDir") is { } directory) CheckWorkingDirectory(directory);
        container.Member("StopTimeout")?.Number(Type);
        if (container.Member("Healthcheck") is { } healthcheck) HealthcheckRules.Check(healthcheck);
    }

    // The type in Go is map[string]struct{}: the values have no meaning.
    private static IReadOnlyList<(string Key, CheckedJson Value)> SetOf(CheckedJson container, string key)
    {
        var members = container.Member(key)?.Members(Type) ?? [];
        foreach (var (_, value) in members)
        {
            if (value.Kind == JsonValueKind.Null) value.Warn(Type, "is null, but should be an empty object");
            else if (value.IsObject(Type) && value.Members(Type).Count > 0) value.Error(Type, "should be an empty object");
        }

        return members;
    }

    private static void CheckVariable(CheckedJson variable)
    {
        if (variable.Text("config-env") is not { } text) return;
        if (text.IndexOf('=', StringComparison.Ordinal) <= 0) variable.Error("config-env", $"is '{JsonInput.Printable(text)}', not NAME=VALUE");
        else if (text.Contains('\0', StringComparison.Ordinal)) variable.Error("config-env", "contains a NUL, which no environment variable can");
    }

    private static void CheckPort(string port, CheckedJson value)
    {
        var match = PortPattern.Match(port);
        if (match.Success && int.Parse(match.Groups["port"].Value, CultureInfo.InvariantCulture) is >= 0 and <= 65535) return;
        // Docker keeps port ranges of a Dockerfile with variables; the specification allows only single ports.
        value.Error("config-port", "is not a port: PORT, PORT/tcp or PORT/udp");
    }

    private static void CheckUser(CheckedJson user)
    {
        if (user.Text(Type) is not { } text || UserPattern.IsMatch(text)) return;
        user.Error("config-user", $"is '{JsonInput.Printable(text)}'; a user is NAME or UID, optionally followed by :GROUP or :GID");
    }

    private static void CheckSignal(CheckedJson signal)
    {
        if (signal.Text(Type) is { } text && !SignalNames.IsSignal(text))
        {
            signal.Error(
                "config-stop-signal",
                $"is '{JsonInput.Printable(text)}'; a signal is SIGNAME, such as SIGQUIT or SIGRTMIN+3, or a number from 1 to 64");
        }
    }

    // Clients refuse to start a container in a relative directory. Windows images have drive letters.
    private static void CheckWorkingDirectory(CheckedJson directory)
    {
        if (directory.Text(Type) is { Length: > 0 } text && text[0] != '/' && !DrivePattern.IsMatch(text))
            directory.Error("config-working-dir", $"is '{JsonInput.Printable(text)}', not an absolute path");
    }

    [GeneratedRegex(@"\A(?<port>[0-9]{1,5})(?:/(?:tcp|udp|sctp))?\z")]
    private static partial Regex PortPattern { get; }

    [GeneratedRegex(@"\A[^:\s\p{C}]*(?::[^:\s\p{C}]+)?\z")]
    private static partial Regex UserPattern { get; }

    [GeneratedRegex(@"\A(?:[A-Za-z]:)?[\\/]")]
    private static partial Regex DrivePattern { get; }

    // Returns the known name that differs from a name only in case; null for a known name or an unknown one.
    private static string? RightName(string name, string[] known) =>
        known.Contains(name) ? null : known.FirstOrDefault(right => right.Equals(name, StringComparison.OrdinalIgnoreCase));
}
