using OverlayImg.Images.Json;
using OverlayImg.Images.Manifests;

namespace OverlayImg.Images.Inspection;

/// <summary>An entry of an image's history (OCI Image Specification, config, "history"). Texts may be unprintable.</summary>
/// <param name="Created">Time of the step as the config has it, or null.</param>
/// <param name="CreatedBy">Command of the step, or null.</param>
/// <param name="Comment">Comment of the image's author, or null.</param>
/// <param name="IsEmptyLayer">Whether the step made no layer.</param>
public sealed record HistoryEntry(string? Created, string? CreatedBy, string? Comment, bool IsEmptyLayer)
{
    /// <summary>Reads the history of a config; empty if the config has none.</summary>
    /// <exception cref="InputException">The history does not have the form of the specification.</exception>
    public static IReadOnlyList<HistoryEntry> Of(ImageConfig config)
    {
        var root = JsonInput.Parse(config.Bytes, new(Path: $"config {config.Id}"));
        return [.. root.Items("history").Select(Read)];
    }

    /// <summary>
    /// Returns the entry of each layer, bottom first; null if the entries can't be assigned, because the numbers of steps and layers differ.
    /// </summary>
    public static IReadOnlyList<HistoryEntry>? OfLayers(IReadOnlyList<HistoryEntry> history, int layers)
    {
        HistoryEntry[] makers = [.. history.Where(entry => !entry.IsEmptyLayer)];
        return makers.Length == layers ? makers : null;
    }

    private static HistoryEntry Read(JsonInput entry) => new(
        entry.Text("created"), entry.Text("created_by"), entry.Text("comment"), entry.Optional("empty_layer")?.Truth() ?? false);
}
