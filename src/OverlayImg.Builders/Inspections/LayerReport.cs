using OverlayImg.Images.Compression;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Inspection;

namespace OverlayImg.Builders.Inspections;

/// <summary>A report on a layer.</summary>
/// <param name="DiffId">Digest of the uncompressed tar, as the config states it.</param>
/// <param name="Digest">Digest of the stored bytes.</param>
/// <param name="Compression">Compression of the stored bytes.</param>
/// <param name="StoredLength">Size in bytes of the layer as stored.</param>
/// <param name="Length">Size in bytes of the uncompressed tar.</param>
/// <param name="Counts">Numbers of entries and whiteouts, and the bytes of files.</param>
/// <param name="WastedBytes">Total size in bytes of the layer's files that a later layer overwrites or deletes.</param>
/// <param name="CreatedBy">The history entry of the layer; null if the history can't be assigned to layers.</param>
public sealed record LayerReport(
    Digest DiffId, Digest Digest, CompressionFormat Compression, long StoredLength, long Length, LayerCounts Counts, long WastedBytes,
    HistoryEntry? CreatedBy);
