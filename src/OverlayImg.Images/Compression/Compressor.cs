namespace OverlayImg.Images;

/// <summary>Writing compressed data.</summary>
public static class Compressor
{
    /// <summary>
    /// A stream that compresses what is written to it into <paramref name="output"/>. Disposing of it completes the compressed data;
    /// <paramref name="output"/> stays open.
    /// </summary>
    /// <exception cref="MachineException">The library for the format is not installed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The format is one that we only read.</exception>
    public static Stream Open(Stream output, CompressionFormat format) => throw new ArgumentOutOfRangeException(nameof(format), format, null);
}
