using OverlayImg.Images.Compression;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Inspection;

namespace OverlayImg.Builders.Inspections;

/// <summary>What is in a layer.</summary>
/// <param name="DiffId">Digest of its tar, as the config says.</param>
/// <param name="Digest">Digest of its stored bytes.</param>
/// <param name="Compression">How it is compressed.</param>
/// <param name="StoredLength">Number of bytes in the archive.</param>
/// <param name="Length">Number of bytes of its tar.</param>
/// <param name="Counts">What its tar consists of.</param>
/// <param name="CreatedBy">The step of the history that made it; null where the history does not say.</param>
public sealed record LayerReport(
    Digest DiffId, Digest Digest, CompressionFormat Compression, long StoredLength, long Length, LayerCounts Counts, HistoryEntry? CreatedBy);
