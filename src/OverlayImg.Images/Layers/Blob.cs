using OverlayImg.FileSystems;
using OverlayImg.Images.Digests;

namespace OverlayImg.Images.Layers;

/// <summary>A verified blob, readable while the source of its bytes is open.</summary>
/// <param name="Digest">Digest of the bytes.</param>
/// <param name="Content">Bytes with that digest.</param>
public sealed record Blob(Digest Digest, FileContent Content);
