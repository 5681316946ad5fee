using OverlayImg.Images.Streams;
using SharpCompress.Compressors.ZStandard;
using SharpCompress.Compressors.ZStandard.Unsafe;

namespace OverlayImg.Images.Compression;

/// <summary>
/// Compresses to one zstd frame (RFC 8878) with a checksum, at zstd's default level, on all processors. The output
/// depends only on the input and on the version of the library, not on the number of processors or the write sizes.
/// </summary>
internal sealed class ZstdEncoder : CompressorStream
{
    private const int DefaultLevel = 3;
    private const int MaximumWorkers = 16;

    private readonly Valve _valve;
    private readonly CompressionStream _zstd;

    public ZstdEncoder(Stream compressed) : this(compressed, Environment.ProcessorCount)
    {
    }

    /// <param name="compressed">Stream for the frame; stays open.</param>
    /// <param name="workers">Number of threads, at least 1; more than 16 count as 16.</param>
    internal ZstdEncoder(Stream compressed, int workers)
    {
        _valve = new(compressed);
        _zstd = new(_valve, DefaultLevel, leaveOpen: true);
        _zstd.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
        // The library splits the input in the same way for any number of workers except 0.
        _zstd.SetParameter(ZSTD_cParameter.ZSTD_c_nbWorkers, Math.Clamp(workers, 1, MaximumWorkers));
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer) => _zstd.Write(buffer);

    /// <inheritdoc/>
    public override void Complete() => _zstd.Dispose();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            // Disposing of CompressionStream ends the frame. A frame that is given up must stay without an end.
            _valve.IsShut = true;
            _zstd.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>Passes on writes until it is shut.</summary>
    private sealed class Valve(Stream output) : WriteOnlyStream
    {
        public bool IsShut { get; set; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (!IsShut) output.Write(buffer);
        }
    }
}
