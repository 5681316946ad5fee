using System.Text.Json;
using System.Text.Json.Nodes;
using OverlayImg.Builders.NewImages;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;

namespace OverlayImg.Builders.LayeredImages;

/// <summary>
/// The config of an image as nixpkgs' stream script writes it. The environment is inherited from the base image, and other fields are not.
/// </summary>
internal static class StreamedConfig
{
    /// <summary>The config's bytes.</summary>
    /// <param name="architecture">The architecture by its name in Go, such as amd64.</param>
    /// <param name="created">The creation time that the image records.</param>
    /// <param name="variant">Variant of the architecture; null for none.</param>
    /// <param name="container">The complete container config.</param>
    /// <param name="layers">All layers, bottom first, with the paths that the history lists for each.</param>
    public static byte[] Of(
        string architecture, string? variant, PythonTime created, JsonNode? container,
        IReadOnlyList<(Digest DiffId, IReadOnlyList<string> Paths)> layers)
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
        // The script has no variants, so its configs lack the field.
        if (variant is not null) config.Insert(2, "variant", variant);
        using var document = JsonDocument.Parse(config.ToJsonString());
        return PythonJsonText.Write(document.RootElement);
    }

    /// <summary>
    /// Adds the base image's environment to a container config. A variable of both keeps the base image's position and gets the own value.
    /// </summary>
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

    /// <summary>The <c>comment</c> of a layer in the history, which lists its store paths.</summary>
    public static string Comment(IReadOnlyList<string> paths) => $"store paths: {PythonRepr.Of(paths)}";
}
