namespace OverlayImg.Images.Compression;

/// <summary>Opens streams that decompress any <see cref="CompressionFormat"/>.</summary>
public static class Decompression
{
    /// <summary>The version of the system's liblzma; null if it is not installed.</summary>
    public static string? XzVersion => LibLzma.Library.IsThere() ? Version(LibLzma.VersionNumber()) : null;

    /// <summary>
    /// Opens a stream of the decompressed data, which owns <paramref name="compressed"/>. Reading throws for every
    /// truncation and damage that the format can detect, and never ends early.
    /// </summary>
    /// <exception cref="InputException">Thrown by reading: the data is damaged or truncated, or needs too much memory.</exception>
    /// <exception cref="MachineException">The library for the format is not installed.</exception>
    public static Stream Open(Stream compressed, CompressionFormat format, InputLocation where) => format switch
    {
        CompressionFormat.None => compressed,
        CompressionFormat.Gzip => new GzipDecoder(compressed, where),
        CompressionFormat.Zstd => new ZstdDecoder(compressed, where),
        CompressionFormat.Xz => new XzDecoder(compressed, where),
        CompressionFormat.Bzip2 => new Bzip2Decoder(compressed, where),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
    };

    // LZMA_VERSION is a decimal number: major, three digits minor, three digits patch, one digit stability.
    private static string Version(uint number) => $"{number / 10_000_000}.{number / 10_000 % 1000}.{number / 10 % 1000}";
}
