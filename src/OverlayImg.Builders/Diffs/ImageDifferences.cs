using OverlayImg.FileSystems.Comparison;

namespace OverlayImg.Builders.Diffs;

/// <summary>What differs between two images.</summary>
/// <param name="First">One image.</param>
/// <param name="Second">The other.</param>
/// <param name="Fields">Names, and fields of the config (the layers' diff IDs and the history among them), by name.</param>
/// <param name="Paths">Paths of the file systems that containers would see.</param>
public sealed record ImageDifferences(
    ComparedImage First, ComparedImage Second, IReadOnlyList<FieldDifference> Fields, IReadOnlyList<PathDifference> Paths)
{
    /// <summary>Whether nothing differs.</summary>
    public bool AreEqual => Fields.Count == 0 && Paths.Count == 0;
}

/// <summary>One of two images.</summary>
/// <param name="Path">The archive.</param>
/// <param name="Name">The image's names, or its ID.</param>
/// <param name="Id">The image's ID.</param>
public sealed record ComparedImage(string Path, string Name, string Id);

/// <summary>A field that is not the same in two images.</summary>
/// <param name="Field">As <see cref="Images.Manifests.ConfigFields"/> calls it, or <c>names</c>.</param>
/// <param name="First">The first image's value, fit for a message; null where it has none.</param>
/// <param name="Second">The second image's value; null where it has none.</param>
public sealed record FieldDifference(string Field, string? First, string? Second);
