namespace OverlayImg.Closures.Layering;

/// <summary>A path that went to a layer, and why.</summary>
/// <param name="Path">A store path, ready to print.</param>
/// <param name="Reason">Why it is there: "popularity 17".</param>
public sealed record PlacedPath(string Path, string Reason);

/// <summary>What is in a layer, and why it is a layer.</summary>
/// <param name="Reason">Of the whole: "store paths by popularity", "the package bash".</param>
/// <param name="Paths">The store paths in it, in their order; none where the layer is not made of such.</param>
public sealed record LayerExplanation(string Reason, IReadOnlyList<PlacedPath> Paths);
