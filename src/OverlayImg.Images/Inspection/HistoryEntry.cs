using OverlayImg.Images.Json;
using OverlayImg.Images.Manifests;

namespace OverlayImg.Images.Inspection;

/// <summary>
/// One step of an image's making, as its config tells it (image-spec, config.md "history"). Text from outside: not fit for a terminal.
/// </summary>
/// <param name="Created">When, or null.</param>
/// <param name="CreatedBy">By which command, or null.</param>
/// <param name="Comment">What its maker remarks, or null.</param>
/// <param name="IsEmptyLayer">Whether the step left no layer.</param>
public sealed record HistoryEntry(string? Created, string? CreatedBy, string? Comment, bool IsEmptyLayer)
{
    /// <summary>The history of a config; empty where it has none.</summary>
    /// <exception cref="InputException">It has one that is not as the specification says.</exception>
    public static IReadOnlyList<HistoryEntry> Of(ImageConfig config)
    {
        var root = JsonInput.Parse(config.Bytes, new(Path: $"config {config.Id}"));
        return [.. root.Items("history").Select(Read)];
    }

    private static HistoryEntry Read(JsonInput entry) => new(
        entry.Text("created"), entry.Text("created_by"), entry.Text("comment"), entry.Optional("empty_layer")?.Truth() ?? false);
}
