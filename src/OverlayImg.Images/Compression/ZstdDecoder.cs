using OverlayImg.Images.Streams;
using SharpCompress.Common;
using SharpCompress.Compressors.ZStandard;
using SharpCompress.Compressors.ZStandard.Unsafe;

namespace OverlayImg.Images.Compression;

/// <summary>Decompresses any number of zstd and skippable frames (RFC 8878), and verifies those checksums that exist.</summary>
internal sealed class ZstdDecoder : DecoderStream
{
    /// <summary>Base-2 logarithm of the largest window in bytes: 128 MiB, which is also the default limit of <c>zstd</c>.</summary>
    private const int WindowLog = 27;

    private const string Format = "zstd";
    private readonly FirstReadStream _compressed;
    private readonly DecompressionStream _zstd;

    public ZstdDecoder(Stream compressed, InputLocation where) : base(where)
    {
        _compressed = new(compressed);
        _zstd = new(_compressed, checkEndOfStream: true, leaveOpen: true);
        _zstd.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, WindowLog);
    }

    protected override int Decode(Span<byte> buffer)
    {
        try
        {
            var count = _zstd.Read(buffer);
            // The library accepts an empty file as zero frames.
            return count == 0 && _compressed.IsEmpty ? throw Truncated(Format) : count;
        }
        catch (IncompleteArchiveException)
        {
            throw Truncated(Format);
        }
        catch (ZstdException exception) when (exception.Code == ZSTD_ErrorCode.ZSTD_error_frameParameter_windowTooLarge)
        {
            throw TooDemanding(Format, 1 << (WindowLog - 20));
        }
        catch (ZstdException exception)
        {
            throw Corrupt(Format, exception.Message, exception);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _zstd.Dispose();
            _compressed.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>A stream that records whether it has returned any byte.</summary>
    private sealed class FirstReadStream(Stream inner) : ForwardStream
    {
        public bool IsEmpty { get; private set; } = true;

        public override int Read(Span<byte> buffer)
        {
            var count = inner.Read(buffer);
            if (count > 0) IsEmpty = false;
            return count;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
