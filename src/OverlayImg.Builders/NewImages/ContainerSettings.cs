using System.Text.Json.Nodes;

namespace OverlayImg.Builders.NewImages;

/// <summary>Parts of a container's config that have an option of their own. What is null or empty says nothing.</summary>
public sealed record ContainerSettings
{
    /// <summary>Program and arguments, or arguments of the entry point.</summary>
    public IReadOnlyList<string>? Cmd { get; init; }

    /// <summary>Program and first arguments.</summary>
    public IReadOnlyList<string>? Entrypoint { get; init; }

    /// <summary>Variables, <c>NAME=VALUE</c>.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>Ports and ranges of ports, such as <c>80</c>, <c>80/tcp</c> and <c>8000-8003/udp</c>. A range becomes its ports.</summary>
    public IReadOnlyList<string> ExposedPorts { get; init; } = [];

    /// <summary>Names and values.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Labels { get; init; } = [];

    /// <summary>Signal that ends the container.</summary>
    public string? StopSignal { get; init; }

    /// <summary>User, and group behind a colon.</summary>
    public string? User { get; init; }

    /// <summary>Directories that hold data.</summary>
    public IReadOnlyList<string> Volumes { get; init; } = [];

    /// <summary>Working directory.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>
    /// <paramref name="config"/> with these settings: they win, lists of variables, labels, ports and volumes go on. Null where both say nothing.
    /// Members that are new stand where they would in sorted order, as Nix sorts attributes.
    /// </summary>
    /// <exception cref="InputException">The config has a member that no client takes.</exception>
    public JsonObject? ApplyTo(JsonObject? config)
    {
        // A member of the wrong type must not vanish behind the settings.
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
            Set(config, name, new JsonObject(sorted.DistinctBy(member => member.Key).Select(member => KeyValuePair.Create(member.Key, (JsonNode?)member.Value))));
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
