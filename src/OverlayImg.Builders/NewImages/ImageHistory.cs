using System.Text.Json;
using System.Text.Json.Nodes;

namespace OverlayImg.Builders.NewImages;

/// <summary>The <c>history</c> of a config (image-spec, config.md): one item per layer, and items of steps that made none.</summary>
internal static class ImageHistory
{
    /// <summary>
    /// The base's history with an item for each new layer. Where the base has none, or one that does not fit its layers (loaders would refuse it),
    /// each of its layers gets an item. Every item has a time, because docker, podman and umoci crash at an item without one: the item's own, else the
    /// base's, else the new image's.
    /// </summary>
    /// <param name="baseConfig">The base's config; null without a base.</param>
    /// <param name="baseLayers">How many layers it has.</param>
    /// <param name="newLayers">The new layers.</param>
    /// <param name="created">Of the new layers.</param>
    public static JsonArray Of(JsonObject? baseConfig, int baseLayers, IReadOnlyList<HistoryLayer> newLayers, string created)
    {
        var inherited = baseConfig?["history"] as JsonArray;
        var isSound = inherited?.All(item => item is JsonObject) == true && inherited.Count(IsOfLayer) == baseLayers;
        var history = isSound
            ? inherited!.DeepClone().AsArray()
            : new JsonArray([.. Enumerable.Range(0, baseLayers).Select(_ => new JsonObject())]);
        var baseCreated = IsText(baseConfig?["created"]) ? baseConfig!["created"]!.GetValue<string>() : created;
        foreach (var item in history.OfType<JsonObject>().Where(item => !IsText(item["created"]))) item["created"] = baseCreated;
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

    private static bool IsText(JsonNode? node) => node?.GetValueKind() == JsonValueKind.String;
}
