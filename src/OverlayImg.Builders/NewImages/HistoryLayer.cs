using OverlayImg.Images.Digests;

namespace OverlayImg.Builders.NewImages;

/// <summary>A new layer, as the image's history tells of it.</summary>
/// <param name="DiffId">Digest of its tar.</param>
/// <param name="CreatedBy">What made it.</param>
/// <param name="Comment">What is in it; null to say nothing.</param>
internal sealed record HistoryLayer(Digest DiffId, string CreatedBy, string? Comment);
