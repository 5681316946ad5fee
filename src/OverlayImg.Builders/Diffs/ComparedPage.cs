using OverlayImg.Images.Outputs;

namespace OverlayImg.Builders.Diffs;

/// <summary>The differences between two images, and the page that was written about them.</summary>
/// <param name="Differences">The differences.</param>
/// <param name="Page">The written HTML page.</param>
public sealed record ComparedPage(ImageDifferences Differences, WrittenFile Page);
