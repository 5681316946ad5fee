namespace OverlayImg.FileSystems.Comparison;

/// <summary>What became of a path from the first tree to the second.</summary>
public enum PathChange
{
    /// <summary>Only the second tree has it.</summary>
    Added,

    /// <summary>Only the first tree has it.</summary>
    Removed,

    /// <summary>Both have it, and something about it differs.</summary>
    Changed,
}

/// <summary>One thing that differs about a path, as text for people.</summary>
/// <param name="Aspect">
/// <c>type</c>, <c>mode</c>, <c>owner</c>, <c>size</c>, <c>content</c>, <c>target</c>, <c>device</c>, <c>time</c>, <c>hard links</c>
/// or <c>xattr NAME</c>.
/// </param>
/// <param name="First">The first tree's; null where it has none.</param>
/// <param name="Second">The second tree's; null where it has none.</param>
public sealed record AspectDifference(string Aspect, string? First, string? Second);

/// <summary>A path that is not the same in two trees.</summary>
/// <param name="Path">Without a leading slash; empty for the root.</param>
/// <param name="Change">What became of it.</param>
/// <param name="Aspects">What differs, where both trees have the path; never empty then.</param>
public sealed record PathDifference(ByteString Path, PathChange Change, IReadOnlyList<AspectDifference> Aspects);
