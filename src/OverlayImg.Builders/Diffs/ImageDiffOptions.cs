using OverlayImg.Images.Locations;

namespace OverlayImg.Builders.Diffs;

/// <summary>Which images to compare, and how.</summary>
/// <param name="First">One image.</param>
/// <param name="Second">The other.</param>
/// <param name="WithTimes">Whether files that differ in nothing but their times differ.</param>
public sealed record ImageDiffOptions(BaseImageChoice First, BaseImageChoice Second, bool WithTimes);
