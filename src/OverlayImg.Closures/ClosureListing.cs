namespace OverlayImg.Closures;

/// <summary>The content of a closure file.</summary>
/// <param name="Paths">Each path once, sorted byte by byte.</param>
/// <param name="HasReferences">Whether the file has references. A plain list has none; the references of its paths are empty.</param>
internal sealed record ClosureListing(IReadOnlyList<StorePathInfo> Paths, bool HasReferences);
