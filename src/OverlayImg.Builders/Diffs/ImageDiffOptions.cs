using OverlayImg.Images.Locations;

namespace OverlayImg.Builders.Diffs;

/// <summary>Two images to compare.</summary>
/// <param name="First">The image whose values are reported as the old ones.</param>
/// <param name="Second">The image whose values are reported as the new ones.</param>
/// <param name="WithTimes">Whether modification times are compared.</param>
public sealed record ImageDiffOptions(ImageChoice First, ImageChoice Second, bool WithTimes);
