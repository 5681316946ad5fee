using System.Text.Json;
using System.Text.Json.Nodes;
using OverlayImg.Images.BaseImages;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Sessions;
using OverlayImg.Images.Validation;
using OverlayImg.Layers.Guests;

namespace OverlayImg.Builders.NewImages;

/// <summary>The config of an image that is built: the base's, what the build says, and the new layers (image-spec, config.md).</summary>
internal sealed class NewImageConfig
{
    private readonly ImageConfig? _base;
    private readonly JsonObject? _baseConfig;
    private readonly string _created;
    private readonly string? _variant;
    private readonly IReadOnlyList<string> _dropped;

    /// <summary>Takes all that is known before the layer is.</summary>
    /// <exception cref="InputException">The base's config, or an environment in it, is not what it should be.</exception>
    public NewImageConfig(ImageConfig? baseConfig, NewImageOptions options)
    {
        (_base, _created, _variant) = (baseConfig, options.Created, options.Variant);
        InputLocation where = new(options.From?.Location.Name, Path: "config");
        _baseConfig = baseConfig is null ? null : JsonObjectText.Parse(baseConfig.Bytes, where);
        if (_baseConfig is not null) ContainerConfigRules.RequireNames(_baseConfig, where);
        Architecture = options.Architecture ?? (baseConfig?.Architecture is { Length: > 0 } known ? known : Architectures.Host);
        var inherits = options.InheritConfig ?? options.Dialect.InheritsConfig;
        _dropped = inherits || options.InheritConfig is not null ? [] : Dropped(_baseConfig?["config"] as JsonObject, options.Config);
        Own = inherits ? InheritedConfig.Merge(_baseConfig?["config"] as JsonObject, options.Config) : options.Config;
        Environment = EnvironmentMerge.Merge(baseConfig?.Environment ?? [], Variables(options.Config));
    }

    /// <summary>In Go's words: what was asked for, else the base's, else this machine's.</summary>
    public string Architecture { get; }

    /// <summary>The container's config without what every image inherits; null where there is none.</summary>
    public JsonObject? Own { get; }

    /// <summary>The base's variables and the build's own.</summary>
    public IReadOnlyList<string> Environment { get; }

    /// <summary>Refuses a container's config that no client would take.</summary>
    /// <exception cref="InputException">It breaks a rule that <c>validate</c> has, too.</exception>
    public static void RequireValid(JsonObject? config)
    {
        if (config is not null) ContainerConfigRules.Require(JsonBytes.Of(writer => config.WriteTo(writer)));
    }

    /// <summary>Warns of what the image does not have as the base image has it: its architecture, and fields of the container config that a default drops.</summary>
    public void WarnOfDifferences(BaseImage? baseImage, Session session)
    {
        if (_dropped.Count > 0)
            session.Warn($"The image does not inherit the base image's {string.Join(", ", _dropped)}.", BuilderSetting.InheritConfig);
        if (baseImage?.Image.Config.Architecture is { Length: > 0 } architecture && architecture != Architecture)
            session.Warn($"The base image is for {architecture}, but the image will say that it is for {Architecture}.");
    }

    /// <summary>dockerTools' baseJson: the layer's <c>json</c> starts from it.</summary>
    public JsonObject BaseJson()
    {
        var json = new JsonObject { ["architecture"] = Architecture, ["config"] = Own?.DeepClone(), ["created"] = _created, ["os"] = "linux" };
        // dockerTools knows the attribute since 2025. Without it the bytes are those of 2021.
        if (_variant is not null) json["variant"] = _variant;
        return json;
    }

    /// <summary>The config as dockerTools' buildImage makes it and jq prints it: of the base it has environment and layers, nothing else.</summary>
    public byte[] DockerTools(Digest newLayer)
    {
        var config = BaseJson();
        config["config"] = Container();
        config["rootfs"] = new JsonObject { ["diff_ids"] = DiffIds([newLayer]), ["type"] = "layers" };
        config["history"] = ImageHistory.DockerTools(BaseLayers + 1, _created);
        using var document = JsonDocument.Parse(config.ToJsonString());
        return JqText.Write(document.RootElement);
    }

    /// <summary>The config with all that the base's says outside of its container config, whether we know it or not, and its history.</summary>
    public byte[] Full(IReadOnlyList<HistoryLayer> newLayers)
    {
        var config = _baseConfig?.DeepClone().AsObject() ?? [];
        // A variant belongs to the architecture that it is one of.
        if (_base is not null && _base.Architecture != Architecture) config.Remove("variant");
        if (_variant is not null) config["variant"] = _variant;
        config["architecture"] = Architecture;
        config["config"] = Container();
        config["created"] = _created;
        config["history"] = ImageHistory.Of(_baseConfig, BaseLayers, newLayers, _created);
        config["os"] = "linux";
        config["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = DiffIds(newLayers.Select(layer => layer.DiffId)) };
        return JsonBytes.Of(writer => config.WriteTo(writer));
    }

    private static IReadOnlyList<string> Dropped(JsonObject? inherited, JsonObject? own) =>
        [.. (inherited ?? []).Where(field => field.Key != "Env" && SaysSomething(field.Value) && own?[field.Key] is null).Select(field => field.Key)];

    private static bool SaysSomething(JsonNode? value) => value switch
    {
        JsonObject members => members.Count > 0,
        JsonArray items => items.Count > 0,
        null => false,
        _ => value.GetValueKind() is not JsonValueKind.False && value.ToString() is not ("" or "0"),
    };

    private int BaseLayers => _base?.DiffIds.Count ?? 0;

    private JsonObject Container()
    {
        var config = Own?.DeepClone().AsObject() ?? [];
        config["Env"] = new JsonArray([.. Environment.Select(variable => JsonValue.Create(variable))]);
        return config;
    }

    private JsonArray DiffIds(IEnumerable<Digest> newLayers) =>
        [.. (_base?.DiffIds ?? []).Concat(newLayers).Select(diffId => (JsonNode)diffId.ToString())];

    /// <summary>The variables of a container's config.</summary>
    /// <exception cref="InputException">They are no list of texts.</exception>
    public static IEnumerable<string> Variables(JsonObject? config) => config?["Env"] switch
    {
        null => [],
        JsonArray array when array.All(item => item?.GetValueKind() == JsonValueKind.String) => array.Select(item => item!.GetValue<string>()),
        _ => throw new InputException("Env of the config must be a list of texts NAME=VALUE"),
    };
}
