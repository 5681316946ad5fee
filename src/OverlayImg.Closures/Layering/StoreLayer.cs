using OverlayImg.FileSystems;

namespace OverlayImg.Closures.Layering;

/// <summary>Store paths that go to one layer.</summary>
/// <param name="Reason">Why it is a layer.</param>
/// <param name="Paths">The paths in the order in which the layer has them, and why each is there; at least one.</param>
internal sealed record StoreLayer(string Reason, IReadOnlyList<(ByteString Path, string Reason)> Paths)
{
    /// <summary>What is told of it.</summary>
    public LayerExplanation Explanation => new(Reason, [.. Paths.Select(placed => new PlacedPath(placed.Path.ToString(), placed.Reason))]);
}
