namespace OverlayImg.Closures;

/// <summary>What a closure file says.</summary>
/// <param name="Paths">Each path once, sorted byte by byte.</param>
/// <param name="HasReferences">Whether the file tells the references: a plain list does not, and then all of them are empty.</param>
internal sealed record ClosureListing(IReadOnlyList<StorePathInfo> Paths, bool HasReferences);
