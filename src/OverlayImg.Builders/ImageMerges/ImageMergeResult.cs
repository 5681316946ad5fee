using OverlayImg.Images.Digests;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.References;

namespace OverlayImg.Builders.ImageMerges;

/// <summary>The result of a merge.</summary>
/// <param name="File">The written archive, layout or image.</param>
/// <param name="Output">The output that was asked for.</param>
/// <param name="Images">The images in the order of the archive.</param>
/// <param name="Layers">Number of stored layers; a layer that images share is stored once.</param>
/// <param name="Digest">Digest of the image's manifest in a registry; null for other destinations.</param>
public sealed record ImageMergeResult(WrittenFile File, ImageOutput Output, IReadOnlyList<MergedImage> Images, int Layers, Digest? Digest);

/// <summary>An image of a merged archive.</summary>
/// <param name="References">All names of the image.</param>
/// <param name="Id">The image ID.</param>
/// <param name="Layers">Number of layers of the image.</param>
public sealed record MergedImage(IReadOnlyList<ImageReference> References, Digest Id, int Layers);
