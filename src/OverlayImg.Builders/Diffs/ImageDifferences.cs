using OverlayImg.FileSystems.Comparison;

namespace OverlayImg.Builders.Diffs;

/// <summary>The differences between two images.</summary>
/// <param name="First">The first image of the comparison.</param>
/// <param name="Second">The second image of the comparison.</param>
/// <param name="Fields">The image's names, and fields of the config including diff IDs and history, sorted by field.</param>
/// <param name="Paths">Paths of the file systems that containers see.</param>
public sealed record ImageDifferences(
    ComparedImage First, ComparedImage Second, IReadOnlyList<FieldDifference> Fields, IReadOnlyList<PathDifference> Paths)
{
    /// <summary>Whether the images have no differences.</summary>
    public bool AreEqual => Fields.Count == 0 && Paths.Count == 0;
}

/// <summary>One of two compared images.</summary>
/// <param name="Path">The archive, layout or reference, as the user gave it.</param>
/// <param name="Name">The image's names; its ID if it has no name.</param>
/// <param name="Id">The image ID.</param>
public sealed record ComparedImage(string Path, string Name, string Id);

/// <summary>A field whose values differ between two images.</summary>
/// <param name="Field">A name of <see cref="Images.Manifests.ConfigFields"/>, or <c>names</c>.</param>
/// <param name="First">The first image's value, escaped for messages; null if the image lacks the field.</param>
/// <param name="Second">The second image's value, escaped for messages; null if the image lacks the field.</param>
public sealed record FieldDifference(string Field, string? First, string? Second);
