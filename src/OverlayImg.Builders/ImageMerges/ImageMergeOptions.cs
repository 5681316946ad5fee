using OverlayImg.Images.Locations;
using OverlayImg.Images.Outputs;

namespace OverlayImg.Builders.ImageMerges;

/// <summary>A merge of images into one archive.</summary>
public sealed record ImageMergeOptions
{
    /// <summary>The sources. A source without a chosen image contributes all of its images.</summary>
    public required IReadOnlyList<ImageChoice> Images { get; init; }

    /// <summary>The destination of the merged images.</summary>
    public required ImageOutput Output { get; init; }
}
