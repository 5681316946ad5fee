using System.Text.Json;
using System.Text.Json.Nodes;

namespace OverlayImg.Builders.NewImages;

/// <summary>
/// The <c>history</c> of a config (OCI Image Specification, config): an item for each layer, and items of steps that made no layer.
/// </summary>
internal static class ImageHistory
{
    /// <summary>
    /// The base image's history, followed by an item for each new layer. A missing history, or a history that does not fit the number of layers,
    /// is replaced by an item for each base layer, because loaders refuse it. Every item gets a time, because docker, podman and umoci crash
    /// without it: the item's time, else the base image's, else the new image's.
    /// </summary>
    /// <param name="baseConfig">Config of the base image; null without a base image.</param>
    /// <param name="baseLayers">Number of layers of the base image.</param>
    /// <param name="newLayers">The new layers, bottom first.</param>
    /// <param name="created">Creation time of the new layers.</param>
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

    /// <summary>The history in dockerTools' buildImage: an item with only a time for each layer.</summary>
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
