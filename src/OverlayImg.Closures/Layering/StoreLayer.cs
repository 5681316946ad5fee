using OverlayImg.FileSystems;

namespace OverlayImg.Closures.Layering;

/// <summary>The store paths of one layer.</summary>
/// <param name="Reason">The reason for the layer.</param>
/// <param name="Paths">The paths in the order of the layer, each with the reason why the layer has it; at least one.</param>
internal sealed record StoreLayer(string Reason, IReadOnlyList<(ByteString Path, string Reason)> Paths)
{
    /// <summary>The paths and reasons for reports.</summary>
    public LayerExplanation Explanation => new(Reason, [.. Paths.Select(placed => new PlacedPath(placed.Path.ToString(), placed.Reason))]);
}
