namespace OverlayImg.Images.Compression;

/// <summary>Limits of decompression against decompression bombs.</summary>
/// <param name="AlwaysAllowed">Bytes that any blob may decompress to: layers hold sparse files.</param>
/// <param name="Ratio">Largest ratio of decompressed to compressed size beyond that. Real layers stay below 20.</param>
/// <param name="SpaceToLeave">Bytes that must stay free on the disk.</param>
internal sealed record SpoolLimits(long AlwaysAllowed, int Ratio, long SpaceToLeave)
{
    public static SpoolLimits Default { get; } = new(AlwaysAllowed: 16L << 30, Ratio: 200, SpaceToLeave: 256 << 20);

    /// <summary>Returns the most bytes that <paramref name="compressedLength"/> bytes may decompress to.</summary>
    public long For(long compressedLength) =>
        Math.Max(AlwaysAllowed, compressedLength > long.MaxValue / Ratio ? long.MaxValue : compressedLength * Ratio);
}
