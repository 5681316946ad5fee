using System.Text.Json.Nodes;

namespace OverlayImg.Builders.NewImages;

/// <summary>
/// The inherited part of the base image's container config, for builds that ask for it. The environment is left out, because every image inherits it.
/// </summary>
internal static class InheritedConfig
{
    private static readonly string[] Sets = ["Labels", "ExposedPorts", "Volumes"];

    /// <summary>
    /// The base image's container config, with the members of <paramref name="own"/> replacing or adding to it. Labels, ports and volumes are merged
    /// member by member. An own entry point removes the inherited command, which holds arguments for another program; a Dockerfile's ENTRYPOINT
    /// does the same.
    /// </summary>
    public static JsonObject? Merge(JsonObject? inherited, JsonObject? own)
    {
        if (inherited is null) return own;
        var merged = inherited.DeepClone().AsObject();
        merged.Remove("Env");
        // OnBuild is for images built on the base image. Those images do not pass the triggers on, as with docker build.
        merged.Remove("OnBuild");
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
