using System.Text.Json;
using System.Text.Json.Nodes;
using OverlayImg.Builders.NewImages;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;

namespace OverlayImg.Builders.LayeredImages;

/// <summary>The config of an image as nixpkgs' stream script makes it (spec dockertools, 1.13): of the base's it has the environment, and nothing else.</summary>
internal static class StreamedConfig
{
    /// <summary>The config's bytes.</summary>
    /// <param name="architecture">In Go's words.</param>
    /// <param name="created">When it was made.</param>
    /// <param name="variant">Of the architecture; null for none.</param>
    /// <param name="container">The container's config, complete.</param>
    /// <param name="layers">All layers, bottom first, and what history tells to be in each.</param>
    public static byte[] Of(
        string architecture, string? variant, PythonTime created, JsonNode? container, IReadOnlyList<(Digest DiffId, IReadOnlyList<string> Paths)> layers)
    {
        var config = new JsonObject
        {
            ["created"] = created.ToString(),
            ["architecture"] = architecture,
            ["os"] = "linux",
            ["config"] = container?.DeepClone(),
            ["rootfs"] = new JsonObject
            {
                ["diff_ids"] = new JsonArray([.. layers.Select(layer => JsonValue.Create(layer.DiffId.ToString()))]),
                ["type"] = "layers",
            },
            ["history"] = new JsonArray([.. layers.Select(layer => History(created, layer.Paths))]),
        };
        // The script knows no variants, so its bytes have none.
        if (variant is not null) config.Insert(2, "variant", variant);
        using var document = JsonDocument.Parse(config.ToJsonString());
        return PythonJsonText.Write(document.RootElement);
    }

    /// <summary>The container's config on a base: of a variable that both have, one's own value counts, where the base's stood.</summary>
    public static JsonObject OnBase(IEnumerable<string> baseEnvironment, JsonObject? own)
    {
        var container = own?.DeepClone().AsObject() ?? [];
        var variables = EnvironmentMerge.Merge(baseEnvironment, NewImageConfig.Variables(own));
        if (variables.Count > 0) container["Env"] = new JsonArray([.. variables.Select(variable => JsonValue.Create(variable))]);
        return container;
    }

    private static JsonObject History(PythonTime created, IReadOnlyList<string> paths) => new()
    {
        ["created"] = created.ToString(),
        ["comment"] = Comment(paths),
    };

    /// <summary>What history tells of a layer's store paths.</summary>
    public static string Comment(IReadOnlyList<string> paths) => $"store paths: {PythonRepr.Of(paths)}";
}
