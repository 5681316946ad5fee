using OverlayImg.Images.Locations;
using OverlayImg.Images.Outputs;

namespace OverlayImg.Builders.ImageMerges;

/// <summary>Which images come together in one archive.</summary>
public sealed record ImageMergeOptions
{
    /// <summary>The images; where a choice names none, all that its archive holds.</summary>
    public required IReadOnlyList<BaseImageChoice> Images { get; init; }

    /// <summary>Where the archive goes.</summary>
    public required ImageOutput Output { get; init; }
}
