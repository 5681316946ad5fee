using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using OverlayImg.Images.Streams;
using SharpCompress.Compressors;
using SharpCompress.Compressors.BZip2;

namespace OverlayImg.Images.Compression;

/// <summary>
/// Decompresses any number of bzip2 streams and verifies their checksums. Other data after the last stream is an error.
/// </summary>
/// <remarks>The library can't separate the streams: it ends without an error at a later stream with a damaged header.</remarks>
internal sealed class Bzip2Decoder(Stream compressed, InputLocation where) : DecoderStream(where)
{
    private const string Format = "bzip2";
    private const int HeaderLength = 4;

    // An empty stream costs as much time as a small file, and no known program writes more than a few.
    private const int MaximumEmptyStreams = 1000;

    private readonly Input _input = new(compressed);
    private BZip2Stream? _stream;
    private bool _isBegun;
    private int _emptyStreams;

    protected override int Decode(Span<byte> buffer)
    {
        try
        {
            while (_stream is not null || BeginStream())
            {
                var count = _stream!.Read(buffer);
                if (count > 0)
                {
                    _emptyStreams = -1;
                    return count;
                }

                EndStream();
                if (++_emptyStreams <= MaximumEmptyStreams) continue;
                var reason = string.Create(
                    CultureInfo.InvariantCulture, $"more than {MaximumEmptyStreams} of its streams in a row are empty");
                throw Corrupt(Format, reason);
            }

            return 0;
        }
        catch (Exception exception) when (exception is not (InputException or OutOfMemoryException))
        {
            // The library reports a failed read as the end of the data.
            _input.Failure?.Throw();
            // The library reports damaged data by many exception types, IndexOutOfRangeException among them.
            throw _input.IsAtEnd ? Truncated(Format) : Corrupt(Format, "a block, a header or a checksum is wrong", exception);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            EndStream();
            _input.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>Starts the next stream; false at the end of the data.</summary>
    private bool BeginStream()
    {
        var header = _input.Peek(HeaderLength);
        if (header.IsEmpty && _isBegun) return false;
        if (header.Length < HeaderLength && "BZh"u8.StartsWith(header)) throw Truncated(Format);
        if (CompressionMagic.Detect(header) != CompressionFormat.Bzip2) throw Corrupt(Format, "the data after one of its streams is not bzip2");
        _isBegun = true;
        _stream = BZip2Stream.Create(_input, CompressionMode.Decompress, decompressConcatenated: false, leaveOpen: true);
        return true;
    }

    private void EndStream()
    {
        _stream?.Dispose();
        _stream = null;
    }

    /// <summary>The compressed data. The library reads it byte by byte, exactly up to the end of a stream.</summary>
    private sealed class Input(Stream inner) : ForwardStream
    {
        // The library recurses at each empty block, which is at least this many bytes long. Check the stack as often.
        private const int StackCheckInterval = 16;
        private readonly byte[] _buffer = new byte[64 << 10];
        private int _start;
        private int _end;

        /// <summary>Whether the library has read past the end of the data.</summary>
        public bool IsAtEnd { get; private set; }

        /// <summary>The exception of a failed read of the compressed data, or null.</summary>
        public ExceptionDispatchInfo? Failure { get; private set; }

        /// <summary>Returns <paramref name="count"/> bytes without consuming them; fewer only at the end of the data.</summary>
        public ReadOnlySpan<byte> Peek(int count)
        {
            while (_end - _start < count && Refill())
            {
                // One read may return fewer bytes.
            }

            return _buffer.AsSpan(_start, Math.Min(count, _end - _start));
        }

        public override int ReadByte()
        {
            if (_start == _end && !Refill())
            {
                IsAtEnd = true;
                return -1;
            }

            if (_start % StackCheckInterval == 0) RuntimeHelpers.EnsureSufficientExecutionStack();
            return _buffer[_start++];
        }

        public override int Read(Span<byte> buffer)
        {
            if (buffer.IsEmpty || ReadByte() is not (>= 0 and var value)) return 0;
            buffer[0] = (byte)value;
            return 1;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }

        private bool Refill()
        {
            _buffer.AsSpan(_start.._end).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
            try
            {
                var count = inner.Read(_buffer.AsSpan(_end));
                _end += count;
                return count > 0;
            }
            catch (Exception exception)
            {
                Failure = ExceptionDispatchInfo.Capture(exception);
                throw;
            }
        }
    }
}
