using OverlayImg.Images.Outputs;

namespace OverlayImg.Builders;

/// <summary>What was exported.</summary>
/// <param name="Output">The file that was written.</param>
/// <param name="Image">The image's names, or its ID.</param>
/// <param name="ImageId">The image's ID: the digest of its config.</param>
/// <param name="Layers">Number of its layers.</param>
public sealed record ExportResult(WrittenFile Output, string Image, string ImageId, int Layers);
