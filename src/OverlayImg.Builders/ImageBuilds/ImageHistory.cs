using System.Text.Json.Nodes;

namespace OverlayImg.Builders;

/// <summary>The <c>history</c> of a config (image-spec, config.md): one item per layer, and items of steps that made none.</summary>
internal static class ImageHistory
{
    /// <summary>
    /// The base's history with an item for each new layer. Where the base has none, or one that does not fit its layers (loaders would refuse it),
    /// each of its layers gets an item.
    /// </summary>
    /// <param name="baseConfig">The base's config; null without a base.</param>
    /// <param name="baseLayers">How many layers it has.</param>
    /// <param name="newLayers">The new layers.</param>
    /// <param name="created">Of the new layers.</param>
    public static JsonArray Of(JsonObject? baseConfig, int baseLayers, IReadOnlyList<HistoryLayer> newLayers, string created)
    {
        var inherited = baseConfig?["history"] as JsonArray;
        var history = inherited?.Count(IsOfLayer) == baseLayers
            ? inherited!.DeepClone().AsArray()
            : new JsonArray([.. Enumerable.Range(0, baseLayers).Select(_ => Item(baseConfig?["created"]))]);
        foreach (var layer in newLayers) history.Add((JsonNode)Item(layer, created));
        return history;
    }

    /// <summary>As dockerTools' buildImage makes it: the time alone, for each layer.</summary>
    public static JsonArray DockerTools(int layers, string created) =>
        new([.. Enumerable.Range(0, layers).Select(_ => new JsonObject { ["created"] = created })]);

    private static bool IsOfLayer(JsonNode? item) =>
        (item as JsonObject)?["empty_layer"] is not JsonValue value || !value.TryGetValue(out bool isEmpty) || !isEmpty;

    private static JsonObject Item(HistoryLayer layer, string created)
    {
        var item = new JsonObject { ["created"] = created, ["created_by"] = layer.CreatedBy };
        if (layer.Comment is not null) item["comment"] = layer.Comment;
        return item;
    }

    private static JsonObject Item(JsonNode? created) => created is null ? [] : new() { ["created"] = created.DeepClone() };
}
