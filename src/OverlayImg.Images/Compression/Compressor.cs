using OverlayImg.Images.Compression.Gzip;
using OverlayImg.Images.Streams;

namespace OverlayImg.Images.Compression;

/// <summary>Writing compressed data.</summary>
public static class Compressor
{
    /// <summary>
    /// A stream that compresses what is written to it into <paramref name="output"/>, which stays open.
    /// </summary>
    /// <remarks>The bytes depend on the input and on the version of this tool alone.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The format is one that we only read.</exception>
    public static CompressorStream Open(Stream output, CompressionFormat format) => format switch
    {
        CompressionFormat.Gzip => new GzipEncoder(output),
        CompressionFormat.Zstd => new ZstdEncoder(output),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
    };
}
