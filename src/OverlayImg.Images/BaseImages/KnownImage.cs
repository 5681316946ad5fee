using System.Text.Json;
using System.Text.Json.Nodes;

namespace OverlayImg.Images.BaseImages;

/// <summary>The facts about a base image that a run needs if it reads none of the image's files.</summary>
/// <param name="DisplayName">Name of the image in messages.</param>
/// <param name="Architecture">Architecture as Go names it; empty if the config has none.</param>
/// <param name="DiffIds">Diff IDs of the layers, bottom first.</param>
/// <param name="SelectionWarning">A sentence for the user about the selection in the archive, or null.</param>
internal sealed record KnownImage(string DisplayName, string Architecture, IReadOnlyList<string> DiffIds, string? SelectionWarning)
{
    /// <summary>The variables of the config, each <c>NAME=VALUE</c>.</summary>
    public required IReadOnlyList<string> Environment { get; init; }

    /// <summary>Takes the facts from an open image.</summary>
    public static KnownImage Of(ChosenImage chosen) =>
        new(chosen.Image.DisplayName, chosen.Image.Config.Architecture,
            [.. chosen.Image.Config.DiffIds.Select(diffId => diffId.ToString())], chosen.SelectionWarning)
        {
            Environment = chosen.Image.Config.Environment,
        };

    /// <summary>Parses the JSON of <see cref="ToText"/>; null for any other text.</summary>
    public static KnownImage? Parse(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            string? Text(string name) => json.RootElement.GetProperty(name).GetString();
            var diffIds = json.RootElement.GetProperty("diffIds").EnumerateArray().Select(diffId => diffId.GetString()!);
            return new(Text("name")!, Text("architecture")!, [.. diffIds], Text("warning"))
            {
                Environment = [.. json.RootElement.GetProperty("environment").EnumerateArray().Select(variable => variable.GetString()!)],
            };
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Returns the facts as JSON.</summary>
    public string ToText() => new JsonObject
    {
        ["name"] = DisplayName,
        ["architecture"] = Architecture,
        ["diffIds"] = new JsonArray([.. DiffIds.Select(diffId => JsonValue.Create(diffId))]),
        ["environment"] = new JsonArray([.. Environment.Select(variable => JsonValue.Create(variable))]),
        ["warning"] = SelectionWarning,
    }.ToJsonString();

    /// <summary>Whether scripts see the same image: layers and variables are equal. The names may differ.</summary>
    public bool LooksLike(KnownImage other) => DiffIds.SequenceEqual(other.DiffIds) && Environment.SequenceEqual(other.Environment);
}
