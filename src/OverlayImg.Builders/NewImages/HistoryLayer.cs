using OverlayImg.Images.Digests;

namespace OverlayImg.Builders.NewImages;

/// <summary>The entry of a new layer in the image's history.</summary>
/// <param name="DiffId">Digest of the layer's uncompressed tar.</param>
/// <param name="CreatedBy">The command that made the layer.</param>
/// <param name="Comment">The contents of the layer; null for no comment.</param>
internal sealed record HistoryLayer(Digest DiffId, string CreatedBy, string? Comment);
