namespace OverlayImg.Closures.Layering;

/// <summary>A path in a layer, and the reason why the layer has it.</summary>
/// <param name="Path">A store path or a package's name, printable.</param>
/// <param name="Reason">The reason: "popularity 17".</param>
public sealed record PlacedPath(string Path, string Reason);

/// <summary>The paths in a layer, and the reason for the layer.</summary>
/// <param name="Reason">The reason for the whole layer: "a popular store path".</param>
/// <param name="Paths">The paths in the order of the layer; may be empty.</param>
public sealed record LayerExplanation(string Reason, IReadOnlyList<PlacedPath> Paths);
