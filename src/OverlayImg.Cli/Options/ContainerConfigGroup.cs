using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using System.Text.Json.Nodes;
using OverlayImg.Builders;
using OverlayImg.Builders.NewImages;
using OverlayImg.FileSystems;
using OverlayImg.Images.Json;
using OverlayImg.Images.Validation;
using OverlayImg.Layers.Guests;

namespace OverlayImg.Cli.Options;

/// <summary>What runs in a container of the image, and how.</summary>
internal sealed class ContainerConfigGroup
{
    private const string WordsHelp = "as a JSON array, or word by word: the option once for each.";

    private readonly Option<string?> _config = new("--config")
    {
        Description = "The container's config as the OCI image specification has it (Cmd, Env, ExposedPorts, ...): a file, or JSON that begins " +
            "with {. The options below win over it.",
        HelpName = "FILE|JSON",
    };

    private readonly Option<string[]> _cmd = Words("--cmd", $"The command, or the entry point's arguments, {WordsHelp}");
    private readonly Option<string[]> _entrypoint = Words("--entrypoint", $"The entry point, {WordsHelp}");
    private readonly Option<string[]> _variables = Values.Repeatable(
        "--env", "NAME=VALUE", "A variable of the container and of the scripts. It replaces a variable of the same name that the base image has.", "NAME=VALUE",
        text => text.IndexOf('=', StringComparison.Ordinal) > 0 ? text : null);
    private readonly Option<string[]> _formerVariables = Values.Repeatable(
        "--env-var", "NAME=VALUE", "The former name of --env.", "NAME=VALUE", text => text.IndexOf('=', StringComparison.Ordinal) > 0 ? text : null);
    private readonly Option<string?> _workingDirectory = Text("--workdir", "DIR", "Working directory of the container.");
    private readonly Option<string?> _user = Text("--user", "USER[:GROUP]", "User of the container, by name or number.");
    private readonly Option<string[]> _labels = Values.Repeatable("--label", "NAME=VALUE", "A label.", "NAME=VALUE",
        text => text.IndexOf('=', StringComparison.Ordinal) > 0 ? text : null);
    private readonly Option<string[]> _ports = Values.Repeatable(
        "--expose", "PORT[-PORT][/PROTOCOL]", "A port that the container listens on, or a range of them; tcp without a protocol.",
        "a port from 1 to 65535 or an ascending range of them, and /tcp, /udp or /sctp", text => PortRange.Expand(text) is null ? null : text);
    private readonly Option<string[]> _volumes = Values.Repeatable("--volume", "DIR", "A directory that holds data.", "an absolute path",
        text => text.StartsWith('/') ? text : null);
    private readonly Option<string?> _stopSignal = Text("--stop-signal", "SIGNAL", "The signal that ends the container, such as SIGQUIT.");
    private readonly Option<bool> _inherit = new Option<bool>("--inherit-config")
    {
        Description = "Inherit the whole container config of the base image: Cmd, Entrypoint, User, WorkingDir, Healthcheck and all other fields. Values that " +
            "are given here win. Labels, ports and volumes add up. An entry point that is given here drops the base image's Cmd. " +
            "This is the default, but not with --spec or --format dockertools.",
    }.Sets(BuilderSetting.InheritConfig);
    private readonly Option<bool> _noInherit = new("--no-inherit-config")
    {
        Description = "Inherit nothing of the base image's container config but its variables: the default with --spec or --format dockertools.",
    };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[]
            { _config, _cmd, _entrypoint, _variables, _workingDirectory, _user, _labels, _ports, _volumes, _stopSignal, _inherit, _noInherit })
            command.Add(option);
        _formerVariables.Hidden = true;
        command.Add(_formerVariables);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_inherit) && result.GetValue(_noInherit)) result.AddError($"{_inherit.Name} and {_noInherit.Name} exclude each other.");
        });
    }

    /// <summary>The config: the options over <c>--config</c>, and where that is not given, over the spec's.</summary>
    /// <exception cref="InputException">The config can't be read.</exception>
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

    /// <summary>Whether the rest of the base's config is inherited; null where the command line does not say.</summary>
    public bool? Inherits(ParseResult parsed) => parsed.GetValue(_noInherit) ? false : parsed.IsGiven(_inherit) ? parsed.GetValue(_inherit) : null;

    /// <summary>The variables of the container that the command line gives, for the scripts.</summary>
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
            result.AddError($"'{text}' is not what {name} takes: {exception.Message}");
            return [];
        }

        result.AddError($"'{text}' is not what {name} takes: give a JSON array of texts, such as [\"program\", \"argument\"].");
        return [];
    }
}
