namespace OverlayImg.FileSystems.Comparison;

/// <summary>How a path of the second tree differs from the first tree.</summary>
public enum PathChange
{
    /// <summary>Only the second tree has the path.</summary>
    Added,

    /// <summary>Only the first tree has the path.</summary>
    Removed,

    /// <summary>Both trees have the path, and at least one aspect differs.</summary>
    Changed,
}

/// <summary>One aspect of a path that differs between two trees, as text for people.</summary>
/// <param name="Aspect">
/// <c>type</c>, <c>mode</c>, <c>owner</c>, <c>size</c>, <c>content</c>, <c>target</c>, <c>device</c>, <c>time</c>, <c>hard links</c>
/// or <c>xattr NAME</c>.
/// </param>
/// <param name="First">The aspect's value in the first tree; null where the first tree has none.</param>
/// <param name="Second">The aspect's value in the second tree; null where the second tree has none.</param>
public sealed record AspectDifference(string Aspect, string? First, string? Second);

/// <summary>A path that differs between two trees.</summary>
/// <param name="Path">Path without a leading slash; empty for the root.</param>
/// <param name="Change">Whether the path was added, removed or changed.</param>
/// <param name="Aspects">The aspects that differ: at least one for a changed path, none for an added or removed path.</param>
public sealed record PathDifference(ByteString Path, PathChange Change, IReadOnlyList<AspectDifference> Aspects);
