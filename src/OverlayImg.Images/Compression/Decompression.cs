namespace OverlayImg.Images.Compression;

/// <summary>Reading compressed data, whatever it is compressed with.</summary>
public static class Decompression
{
    /// <summary>The version of the system's liblzma, or null where it is not installed.</summary>
    public static string? XzVersion => LibLzma.Library.IsThere() ? Version(LibLzma.VersionNumber()) : null;

    /// <summary>
    /// A stream of what <paramref name="compressed"/> unpacks to; it owns <paramref name="compressed"/>. Every way in which the data can be cut
    /// short or damaged, and the format can tell, is an error; the stream never ends early.
    /// </summary>
    /// <exception cref="InputException">Thrown by reading: the data is damaged or cut short, or asks for too much memory.</exception>
    /// <exception cref="MachineException">The library that reads the format is not installed.</exception>
    public static Stream Open(Stream compressed, CompressionFormat format, InputLocation where) => format switch
    {
        CompressionFormat.None => compressed,
        CompressionFormat.Gzip => new GzipDecoder(compressed, where),
        CompressionFormat.Zstd => new ZstdDecoder(compressed, where),
        CompressionFormat.Xz => new XzDecoder(compressed, where),
        CompressionFormat.Bzip2 => new Bzip2Decoder(compressed, where),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
    };

    // LZMA_VERSION is a decimal number: major, three digits of minor, three digits of patch, one digit of stability.
    private static string Version(uint number) => $"{number / 10_000_000}.{number / 10_000 % 1000}.{number / 10 % 1000}";
}
