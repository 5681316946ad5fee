using OverlayImg.Images.Compression.Gzip;
using OverlayImg.Images.Streams;

namespace OverlayImg.Images.Compression;

/// <summary>Opens streams that compress.</summary>
public static class Compressor
{
    /// <summary>Opens a stream that writes compressed data to <paramref name="output"/>, which stays open.</summary>
    /// <remarks>The compressed bytes depend only on the input and on the version of this tool.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The format can only be read.</exception>
    public static CompressorStream Open(Stream output, CompressionFormat format) => format switch
    {
        CompressionFormat.Gzip => new GzipEncoder(output),
        CompressionFormat.Zstd => new ZstdEncoder(output),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
    };
}
