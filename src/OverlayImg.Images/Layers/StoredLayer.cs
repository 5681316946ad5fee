using OverlayImg.Images.Compression;
using OverlayImg.Images.Digests;

namespace OverlayImg.Images.Layers;

/// <summary>A layer as it is stored somewhere.</summary>
/// <param name="Digest">Of the stored bytes.</param>
/// <param name="Length">Their number.</param>
/// <param name="Compression">None, gzip or zstd.</param>
public sealed record StoredLayer(Digest Digest, long Length, CompressionFormat Compression);
