using OverlayImg.Images.Digests;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.References;

namespace OverlayImg.Builders.ImageMerges;

/// <summary>An archive that several images were written to.</summary>
/// <param name="File">The archive.</param>
/// <param name="Images">The images, in its order.</param>
/// <param name="Layers">Number of layers that are stored; a layer that images share is stored once.</param>
/// <param name="Digest">Digest of the manifest that a registry has of the image; null for other places.</param>
public sealed record ImageMergeResult(WrittenFile File, IReadOnlyList<MergedImage> Images, int Layers, Digest? Digest);

/// <summary>An image of the archive.</summary>
/// <param name="References">Its names.</param>
/// <param name="Id">Its ID.</param>
/// <param name="Layers">Number of its layers.</param>
public sealed record MergedImage(IReadOnlyList<ImageReference> References, Digest Id, int Layers);
