using System.Text.Json.Nodes;

namespace OverlayImg.Builders.NewImages;

/// <summary>The rest of the base's container config, for builds that ask for it: all of it but the environment, which every image inherits.</summary>
internal static class InheritedConfig
{
    private static readonly string[] Sets = ["Labels", "ExposedPorts", "Volumes"];

    /// <summary>
    /// The base's container config with one's own on top: members win one by one, those of labels, ports and volumes too. An entry point of one's
    /// own drops the base's command, which would be arguments for another program (as a Dockerfile's ENTRYPOINT does).
    /// </summary>
    public static JsonObject? Merge(JsonObject? inherited, JsonObject? own)
    {
        if (inherited is null) return own;
        var merged = inherited.DeepClone().AsObject();
        merged.Remove("Env");
        if (own is null) return merged;
        if (own["Entrypoint"] is not null) merged.Remove("Cmd");
        foreach (var (name, value) in own)
        {
            if (Sets.Contains(name) && merged[name] is JsonObject set && value is JsonObject added)
            {
                foreach (var (key, item) in added) set[key] = item?.DeepClone();
            }
            else merged[name] = value?.DeepClone();
        }

        return merged;
    }
}
