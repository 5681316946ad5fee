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

/// <summary>
/// The config of a new image (OCI Image Specification, config), from the base image's config, the options of the build and the new layers.
/// </summary>
internal sealed class NewImageConfig
{
    private readonly ImageConfig? _base;
    private readonly JsonObject? _baseConfig;
    private readonly string _created;
    private readonly string? _variant;
    private readonly IReadOnlyList<string> _dropped;

    /// <summary>Merges the base image's config with the options. The new layers are not yet known.</summary>
    /// <exception cref="InputException">The config of the base image, or an environment, has the wrong form.</exception>
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

    /// <summary>The architecture by its name in Go: that of the options, else of the base image, else of the host.</summary>
    public string Architecture { get; }

    /// <summary>The container config without the inherited environment; null if there is no config.</summary>
    public JsonObject? Own { get; }

    /// <summary>The environment: variables of the base image and of the options.</summary>
    public IReadOnlyList<string> Environment { get; }

    /// <summary>Checks a container config by the rules that <c>overlayimg validate</c> uses, too.</summary>
    /// <exception cref="InputException">The config breaks a rule, so that clients would refuse the image.</exception>
    public static void RequireValid(JsonObject? config)
    {
        if (config is not null) ContainerConfigRules.Require(JsonBytes.Of(writer => config.WriteTo(writer)));
    }

    /// <summary>
    /// Warns if the image states another architecture than the base image, or if a default drops fields of the base image's container config.
    /// </summary>
    public void WarnOfDifferences(BaseImage? baseImage, Session session)
    {
        if (_dropped.Count > 0)
            session.Warn($"The image does not inherit the base image's {string.Join(", ", _dropped)}.", BuilderSetting.InheritConfig);
        if (baseImage?.Image.Config.Architecture is { Length: > 0 } architecture && architecture != Architecture)
            session.Warn($"The base image is for {architecture}, but the new image states that it is for {Architecture}.");
    }

    /// <summary>dockerTools' baseJson: the members of the layer's <c>json</c> file without checksum, parent, ID and size.</summary>
    public JsonObject BaseJson()
    {
        var json = new JsonObject { ["architecture"] = Architecture, ["config"] = Own?.DeepClone(), ["created"] = _created, ["os"] = "linux" };
        // dockerTools has variant since 2025. Without a variant the bytes equal those of dockerTools of 2021.
        if (_variant is not null) json["variant"] = _variant;
        return json;
    }

    /// <summary>The config as dockerTools' buildImage writes it, in jq's format. It inherits only the base image's environment and layers.</summary>
    public byte[] DockerTools(Digest newLayer)
    {
        var config = BaseJson();
        config["config"] = Container();
        config["rootfs"] = new JsonObject { ["diff_ids"] = DiffIds([newLayer]), ["type"] = "layers" };
        config["history"] = ImageHistory.DockerTools(BaseLayers + 1, _created);
        using var document = JsonDocument.Parse(config.ToJsonString());
        return JqText.Write(document.RootElement);
    }

    /// <summary>The config with the base image's history and all its fields outside the container config, unknown fields included.</summary>
    public byte[] Full(IReadOnlyList<HistoryLayer> newLayers)
    {
        var config = _baseConfig?.DeepClone().AsObject() ?? [];
        // The base image's variant is meaningless for another architecture.
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
        [.. (inherited ?? []).Where(field => field.Key is not ("Env" or "OnBuild") && SaysSomething(field.Value) && own?[field.Key] is null)
            .Select(field => field.Key)];

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

    /// <summary>The environment variables of a container config.</summary>
    /// <exception cref="InputException"><c>Env</c> is no list of strings.</exception>
    public static IEnumerable<string> Variables(JsonObject? config) => config?["Env"] switch
    {
        null => [],
        JsonArray array when array.All(item => item?.GetValueKind() == JsonValueKind.String) => array.Select(item => item!.GetValue<string>()),
        _ => throw new InputException("Env of the config must be a list of texts NAME=VALUE"),
    };
}
