using OverlayImg.FileSystems;
using OverlayImg.Images.Digests;

namespace OverlayImg.Images.Layers;

/// <summary>The bytes that a digest names, verified. Usable as long as the source of the bytes is open.</summary>
/// <param name="Digest">The digest of the bytes.</param>
/// <param name="Content">The bytes.</param>
public sealed record Blob(Digest Digest, FileContent Content);
