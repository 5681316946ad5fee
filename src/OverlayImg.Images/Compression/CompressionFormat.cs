using OverlayImg.FileSystems;

namespace OverlayImg.Images.Compression;

/// <summary>The compression of a layer or an archive, by its first bytes: names and media types are often wrong.</summary>
public enum CompressionFormat
{
    /// <summary>No compression, or an unknown one.</summary>
    None,

    /// <summary>RFC 1952, with one or more members.</summary>
    Gzip,

    /// <summary>RFC 8878, with one or more frames.</summary>
    Zstd,

    /// <summary>The .xz format, with one or more streams.</summary>
    Xz,

    /// <summary>The .bz2 format, with one or more streams.</summary>
    Bzip2,
}

/// <summary>Detects compression by magic numbers.</summary>
public static class CompressionMagic
{
    /// <summary>The number of bytes that <see cref="Detect"/> needs.</summary>
    public const int Length = 6;

    /// <summary>Returns the format of data by its first bytes; fewer than <see cref="Length"/> bytes are a whole file.</summary>
    public static CompressionFormat Detect(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B])) return CompressionFormat.Gzip;
        if (start.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]) || IsSkippableFrame(start)) return CompressionFormat.Zstd;
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0])) return CompressionFormat.Xz;
        return start is [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9', ..] ? CompressionFormat.Bzip2 : CompressionFormat.None;
    }

    /// <summary>Detects the compression of a content by its first bytes.</summary>
    public static CompressionFormat DetectIn(FileContent content)
    {
        Span<byte> start = stackalloc byte[(int)Math.Min(Length, content.Length)];
        content.Read(0, start);
        return Detect(start);
    }

    // RFC 8878, 3.1.2: 0x184D2A50 to 0x184D2A5F, little-endian. Some programs write such a frame first.
    private static bool IsSkippableFrame(ReadOnlySpan<byte> start) =>
        start is [>= 0x50 and <= 0x5F, 0x2A, 0x4D, 0x18, ..];
}
