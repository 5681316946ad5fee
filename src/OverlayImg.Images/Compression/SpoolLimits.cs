namespace OverlayImg.Images.Compression;

/// <summary>How much decompressed data we take before we call it a bomb.</summary>
/// <param name="AlwaysAllowed">So many bytes are fine, however small the compressed data is: layers hold sparse files.</param>
/// <param name="Ratio">Beyond that, so many times the size of the compressed data. Real layers stay below 20.</param>
/// <param name="SpaceToLeave">Bytes that must stay free on the disk.</param>
internal sealed record SpoolLimits(long AlwaysAllowed, int Ratio, long SpaceToLeave)
{
    public static SpoolLimits Default { get; } = new(AlwaysAllowed: 16L << 30, Ratio: 200, SpaceToLeave: 256 << 20);

    /// <summary>The most that <paramref name="compressedLength"/> bytes may unpack to.</summary>
    public long For(long compressedLength) =>
        Math.Max(AlwaysAllowed, compressedLength > long.MaxValue / Ratio ? long.MaxValue : compressedLength * Ratio);
}
