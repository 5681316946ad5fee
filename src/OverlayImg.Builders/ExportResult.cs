using OverlayImg.Images.Outputs;

namespace OverlayImg.Builders;

/// <summary>The result of an export.</summary>
/// <param name="Output">The written file.</param>
/// <param name="Image">The image's names; its ID if it has no name.</param>
/// <param name="ImageId">The image ID, which is the digest of the config.</param>
/// <param name="Layers">Number of layers of the image.</param>
/// <param name="IsDisk">Whether the file is a disk.</param>
public sealed record ExportResult(WrittenFile Output, string Image, string ImageId, int Layers, bool IsDisk);
