namespace OverlayImg.Images;

/// <summary>Reading compressed data, whatever it is compressed with.</summary>
public static class Decompression
{
    /// <summary>The version of the system's libzstd, or null where it is not installed.</summary>
    public static string? ZstdVersion => LibZstd.Library.IsThere() ? Version(LibZstd.VersionNumber(), 100, 100) : null;

    /// <summary>The version of the system's liblzma, or null where it is not installed.</summary>
    public static string? XzVersion => LibLzma.Library.IsThere() ? Version(LibLzma.VersionNumber() / 10, 1000, 1000) : null;

    /// <summary>
    /// A stream of what <paramref name="compressed"/> unpacks to; it owns <paramref name="compressed"/>. Every way in which the data can be cut
    /// short or damaged, and the format can tell, is an error; the stream never ends early.
    /// </summary>
    /// <exception cref="InputException">The format is one that we don't read. Reading throws it, too.</exception>
    /// <exception cref="MachineException">The library that reads the format is not installed.</exception>
    public static Stream Open(Stream compressed, CompressionFormat format, InputLocation where) => format switch
    {
        CompressionFormat.None => compressed,
        CompressionFormat.Gzip => new GzipDecoder(compressed, where),
        CompressionFormat.Zstd => new ZstdDecoder(compressed, where),
        CompressionFormat.Xz => new XzDecoder(compressed, where),
        CompressionFormat.Bzip2 => throw new InputException("is compressed by bzip2, which is not supported", where)
        {
            Advice = "Unpack it first with 'bunzip2'.",
        },
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
    };

    private static string Version(uint number, uint minors, uint patches) =>
        $"{number / patches / minors}.{number / patches % minors}.{number % patches}";
}
