using OverlayImg.Images.Compression;
using OverlayImg.Images.Digests;

namespace OverlayImg.Images.Layers;

/// <summary>A description of a layer's blob.</summary>
/// <param name="Digest">Digest of the blob.</param>
/// <param name="Length">Size of the blob in bytes.</param>
/// <param name="Compression">Compression of the blob: none, gzip or zstd.</param>
public sealed record StoredLayer(Digest Digest, long Length, CompressionFormat Compression);
