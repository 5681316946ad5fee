using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using System.Text.Json.Nodes;
using OverlayImg.Builders;
using OverlayImg.Builders.NewImages;
using OverlayImg.Cli.Completion;
using OverlayImg.FileSystems;
using OverlayImg.Images.Json;
using OverlayImg.Images.Validation;
using OverlayImg.Layers.Guests;

namespace OverlayImg.Cli.Options;

/// <summary>The options for the container config of an image: command, environment, user, ports and others.</summary>
internal sealed class ContainerConfigGroup
{
    private const string WordsHelp = "as one JSON array such as [\"/bin/app\",\"-v\"], or as one option per word.";

    private readonly Option<string?> _config = new Option<string?>("--config")
    {
        Description = "Config of the container as in the OCI Image Specification (Cmd, Env, ExposedPorts, ...): a file, or JSON text that begins " +
            "with {. Options for single fields, such as --cmd, override it.",
        HelpName = "FILE|JSON",
    }.CompletesFiles();

    private readonly Option<string[]> _cmd = Words("--cmd", $"Command of the container, or the arguments of its entry point, {WordsHelp}");
    private readonly Option<string[]> _entrypoint = Words("--entrypoint", $"Entry point of the container, {WordsHelp}");
    private readonly Option<string[]> _variables = Values.Repeatable(
        "--env", "NAME=VALUE", "Environment variable of the container and of the scripts. It replaces the base image's variable of the same name.",
        "NAME=VALUE",
        text => text.IndexOf('=', StringComparison.Ordinal) > 0 ? text : null);
    private readonly Option<string[]> _formerVariables = Values.Repeatable(
        "--env-var", "NAME=VALUE", "The former name of --env.", "NAME=VALUE", text => text.IndexOf('=', StringComparison.Ordinal) > 0 ? text : null);
    private readonly Option<string?> _workingDirectory = Text("--workdir", "DIR", "Working directory of the container, an absolute path.");
    private readonly Option<string?> _user = Text(
        "--user", "USER[:GROUP]", "User, and optionally group, that the container runs as, each by name or number.");
    private readonly Option<string[]> _labels = Values.Repeatable("--label", "NAME=VALUE", "Label of the image.", "NAME=VALUE",
        text => text.IndexOf('=', StringComparison.Ordinal) > 0 ? text : null);
    private readonly Option<string[]> _ports = Values.Repeatable(
        "--expose", "PORT[-PORT][/PROTOCOL]", "Port that the container listens on, or a range of ports. PROTOCOL is tcp (if left out), udp or sctp.",
        "a port from 1 to 65535 or an ascending range such as 8000-8003, with or without /tcp, /udp or /sctp",
        text => PortRange.Expand(text) is null ? null : text);
    private readonly Option<string[]> _volumes = Values.Repeatable(
        "--volume", "DIR", "Absolute path of a directory that containers keep in a volume.", "an absolute path",
        text => text.StartsWith('/') ? text : null);
    private readonly Option<string?> _stopSignal = Text("--stop-signal", "SIGNAL", "Signal that asks the container to stop, such as SIGQUIT.");
    private readonly Option<bool> _inherit = new Option<bool>("--inherit-config")
    {
        Description = "Inherit the whole container config of the base image: Cmd, Entrypoint, User, WorkingDir, Healthcheck and all other fields. " +
            "Fields given on the command line win; labels, ports and volumes are combined; a given entry point removes the base image's Cmd. " +
            "This is the default, except with --spec or --format dockertools.",
    }.Sets(BuilderSetting.InheritConfig);
    private readonly Option<bool> _noInherit = new("--no-inherit-config")
    {
        Description = "Inherit only the environment of the base image's container config. This is the default with --spec or --format dockertools.",
    };

    public void AddTo(Command command)
    {
        _formerVariables.Hidden = true;
        command.Add(
            OptionSection.Container, _cmd, _entrypoint, _variables, _workingDirectory, _user, _ports, _volumes, _labels, _stopSignal, _config,
            _inherit, _noInherit, _formerVariables);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_inherit) && result.GetValue(_noInherit))
                result.AddError($"{_inherit.Name} and {_noInherit.Name} exclude each other: give one of the two.");
        });
    }

    /// <summary>The container config: that of <c>--config</c>, else the spec's, with the values of the single options; null without any.</summary>
    /// <exception cref="InputException">The config can't be read, or is not valid.</exception>
    public async Task<JsonObject?> ReadAsync(ParseResult parsed, JsonObject? spec, CancellationToken cancellationToken)
    {
        var config = parsed.GetValue(_config) switch
        {
            null => spec,
            ['{', ..] text => JsonObjectText.Parse(ByteString.FromText(text).Memory, new("--config")),
            var path => await JsonObjectText.ReadAsync(path, cancellationToken),
        };
        var settings = Settings(parsed);
        if (settings.ApplyTo(null) is { } own) Values.Understood(() => ContainerConfigRules.Require(ByteString.FromText(own.ToJsonString()).Memory));
        return settings.ApplyTo(config);
    }

    /// <summary>Whether the config is read from stdin.</summary>
    public bool ReadsStandardInput(ParseResult parsed) => parsed.GetValue(_config) == InputFile.StandardInput;

    /// <summary>Whether the whole container config of the base image is inherited; null if no option says so.</summary>
    public bool? Inherits(ParseResult parsed) => parsed.GetValue(_noInherit) ? false : parsed.IsGiven(_inherit) ? parsed.GetValue(_inherit) : null;

    /// <summary>The container's variables of the command line, in the form for scripts.</summary>
    public IReadOnlyList<EnvironmentVariable> Variables(ParseResult parsed) =>
        [.. Environment(parsed).Select(text => text.Split('=', 2)).Select(parts => new EnvironmentVariable(parts[0], ByteString.FromText(parts[1])))];

    private ContainerSettings Settings(ParseResult parsed) => new()
    {
        Cmd = parsed.IsGiven(_cmd) ? parsed.GetValue(_cmd) : null,
        Entrypoint = parsed.IsGiven(_entrypoint) ? parsed.GetValue(_entrypoint) : null,
        Environment = Environment(parsed),
        ExposedPorts = parsed.GetValue(_ports)!,
        Labels = [.. parsed.GetValue(_labels)!.Select(label => label.Split('=', 2)).Select(parts => KeyValuePair.Create(parts[0], parts[1]))],
        StopSignal = parsed.GetValue(_stopSignal),
        User = parsed.GetValue(_user),
        Volumes = parsed.GetValue(_volumes)!,
        WorkingDirectory = parsed.GetValue(_workingDirectory),
    };

    private string[] Environment(ParseResult parsed) => [.. parsed.GetValue(_formerVariables)!, .. parsed.GetValue(_variables)!];

    private static Option<string?> Text(string name, string helpName, string description) =>
        new(name) { Description = description, HelpName = helpName };

    private static Option<string[]> Words(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "WORD|JSON",
        DefaultValueFactory = _ => [],
        CustomParser = result => result.Tokens is [{ Value: ['[', ..] text }]
            ? ParseArray(result, name, text)
            : [.. result.Tokens.Select(token => token.Value)],
    };

    private static string[] ParseArray(ArgumentResult result, string name, string text)
    {
        try
        {
            if (JsonNode.Parse(text) is JsonArray array && array.All(item => item?.GetValueKind() == JsonValueKind.String))
                return [.. array.Select(item => item!.GetValue<string>())];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            var where = exception is JsonException { BytePositionInLine: { } position } ? $" (error at byte {position})" : "";
            result.AddError($"'{text}' is not what {name} takes: it begins with [ and is no valid JSON{where}. " +
                "Give a JSON array of texts, such as [\"program\", \"argument\"].");
            return [];
        }

        result.AddError($"'{text}' is not what {name} takes: give a JSON array of texts, such as [\"program\", \"argument\"].");
        return [];
    }
}
