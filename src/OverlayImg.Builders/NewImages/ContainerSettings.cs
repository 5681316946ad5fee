using System.Text.Json.Nodes;

namespace OverlayImg.Builders.NewImages;

/// <summary>Fields of a container config that have an option of their own. Null and empty values leave a field unchanged.</summary>
public sealed record ContainerSettings
{
    /// <summary>The command: program and arguments, or the arguments of the entry point.</summary>
    public IReadOnlyList<string>? Cmd { get; init; }

    /// <summary>The entry point: program and first arguments.</summary>
    public IReadOnlyList<string>? Entrypoint { get; init; }

    /// <summary>Environment variables, each as <c>NAME=VALUE</c>.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>Ports and ranges of ports, such as <c>80</c>, <c>80/tcp</c> and <c>8000-8003/udp</c>. A range is expanded to single ports.</summary>
    public IReadOnlyList<string> ExposedPorts { get; init; } = [];

    /// <summary>Labels, each as name and value.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Labels { get; init; } = [];

    /// <summary>Signal that asks the container to stop, such as SIGQUIT.</summary>
    public string? StopSignal { get; init; }

    /// <summary>User of the container as <c>USER[:GROUP]</c>.</summary>
    public string? User { get; init; }

    /// <summary>Absolute paths of directories that containers keep in volumes.</summary>
    public IReadOnlyList<string> Volumes { get; init; } = [];

    /// <summary>Working directory of the container.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>
    /// Applies the settings to a copy of <paramref name="config"/>. Variables, labels, ports and volumes are added; other fields are replaced.
    /// New members are inserted in sorted order, because Nix sorts attributes. The result is null if config and settings are empty.
    /// </summary>
    /// <exception cref="InputException">The config has a member that clients refuse.</exception>
    public JsonObject? ApplyTo(JsonObject? config)
    {
        // The config is checked first, because a setting could replace a member of the wrong type.
        NewImageConfig.RequireValid(config);
        var result = config?.DeepClone().AsObject() ?? [];
        Set(result, "Cmd", Array(Cmd));
        Set(result, "Entrypoint", Array(Entrypoint));
        if (Environment.Count > 0)
        {
            var own = result["Env"] is JsonArray array ? array.Select(item => item?.ToString() ?? "") : [];
            Set(result, "Env", Array(EnvironmentMerge.Merge(own, Environment)));
        }

        var ports = ExposedPorts.SelectMany(port => PortRange.Expand(port) ?? [port]);
        Add(result, "ExposedPorts", ports.Select(port => KeyValuePair.Create(port, (JsonNode)new JsonObject())));
        Add(result, "Labels", Labels.Select(label => KeyValuePair.Create(label.Key, (JsonNode)label.Value)));
        Set(result, "StopSignal", StopSignal);
        Set(result, "User", User);
        Add(result, "Volumes", Volumes.Select(volume => KeyValuePair.Create(volume, (JsonNode)new JsonObject())));
        Set(result, "WorkingDir", WorkingDirectory);
        return config is null && result.Count == 0 ? null : result;
    }

    private static JsonArray? Array(IEnumerable<string>? items) => items is null ? null : [.. items.Select(item => (JsonNode)item)];

    private static void Add(JsonObject config, string name, IEnumerable<KeyValuePair<string, JsonNode>> members)
    {
        var sorted = members.OrderBy(member => member.Key, StringComparer.Ordinal).ToArray();
        if (sorted.Length == 0) return;
        if (config[name] is not JsonObject set)
        {
            var distinct = sorted.DistinctBy(member => member.Key).Select(member => KeyValuePair.Create(member.Key, (JsonNode?)member.Value));
            Set(config, name, new JsonObject(distinct));
            return;
        }

        foreach (var (key, value) in sorted) Set(set, key, value);
    }

    private static void Set(JsonObject config, string name, JsonNode? value)
    {
        if (value is null) return;
        if (config.ContainsKey(name)) config[name] = value;
        else config.Insert(config.TakeWhile(member => string.CompareOrdinal(member.Key, name) < 0).Count(), name, value);
    }
}
