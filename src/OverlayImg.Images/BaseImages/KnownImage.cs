using System.Text.Json;
using System.Text.Json.Nodes;

namespace OverlayImg.Images.BaseImages;

/// <summary>What a run must know of its base image, where it needs none of its files.</summary>
/// <param name="DisplayName">What messages call it.</param>
/// <param name="Architecture">In Go's words; empty where the config says none.</param>
/// <param name="DiffIds">Of the layers, bottom first.</param>
/// <param name="SelectionWarning">What the user should know about the choice in the archive, or null.</param>
internal sealed record KnownImage(string DisplayName, string Architecture, IReadOnlyList<string> DiffIds, string? SelectionWarning)
{
    /// <summary>What is known of an image that is open.</summary>
    public static KnownImage Of(ChosenImage chosen) =>
        new(chosen.Image.DisplayName, chosen.Image.Config.Architecture, [.. chosen.Image.Config.DiffIds.Select(diffId => diffId.ToString())], chosen.SelectionWarning);

    /// <summary>Reads what <see cref="ToText"/> gave; null for anything else.</summary>
    public static KnownImage? Parse(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            string? Text(string name) => json.RootElement.GetProperty(name).GetString();
            var diffIds = json.RootElement.GetProperty("diffIds").EnumerateArray().Select(diffId => diffId.GetString()!);
            return new(Text("name")!, Text("architecture")!, [.. diffIds], Text("warning"));
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>All of it as text.</summary>
    public string ToText() => new JsonObject
    {
        ["name"] = DisplayName,
        ["architecture"] = Architecture,
        ["diffIds"] = new JsonArray([.. DiffIds.Select(diffId => JsonValue.Create(diffId))]),
        ["warning"] = SelectionWarning,
    }.ToJsonString();

    /// <summary>Whether it is the same image, whatever the archive calls it.</summary>
    public bool HasLayersOf(KnownImage other) => DiffIds.SequenceEqual(other.DiffIds);
}
