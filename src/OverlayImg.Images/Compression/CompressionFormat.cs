using OverlayImg.FileSystems;

namespace OverlayImg.Images.Compression;

/// <summary>How a layer or a whole archive is compressed. Told by its first bytes: names and media types were wrong too often.</summary>
public enum CompressionFormat
{
    /// <summary>Not, as far as we know.</summary>
    None,

    /// <summary>RFC 1952, one or more members.</summary>
    Gzip,

    /// <summary>RFC 8878, one or more frames.</summary>
    Zstd,

    /// <summary>The .xz format, one or more streams.</summary>
    Xz,

    /// <summary>The .bz2 format, one or more streams.</summary>
    Bzip2,
}

/// <summary>The magic numbers.</summary>
public static class CompressionMagic
{
    /// <summary>As many bytes as <see cref="Detect"/> looks at.</summary>
    public const int Length = 6;

    /// <summary>The format of what starts with <paramref name="start"/>; fewer bytes than <see cref="Length"/> are all there is.</summary>
    public static CompressionFormat Detect(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B])) return CompressionFormat.Gzip;
        if (start.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]) || IsSkippableFrame(start)) return CompressionFormat.Zstd;
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0])) return CompressionFormat.Xz;
        return start is [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9', ..] ? CompressionFormat.Bzip2 : CompressionFormat.None;
    }

    /// <summary>The format of stored bytes.</summary>
    public static CompressionFormat DetectIn(FileContent content)
    {
        Span<byte> start = stackalloc byte[(int)Math.Min(Length, content.Length)];
        content.Read(0, start);
        return Detect(start);
    }

    // RFC 8878, 3.1.2: 0x184D2A50 to 0x184D2A5F, little-endian. Some writers put such a frame in front of the first real one.
    private static bool IsSkippableFrame(ReadOnlySpan<byte> start) =>
        start is [>= 0x50 and <= 0x5F, 0x2A, 0x4D, 0x18, ..];
}
