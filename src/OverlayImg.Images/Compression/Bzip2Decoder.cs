using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using OverlayImg.Images.Streams;
using SharpCompress.Compressors;
using SharpCompress.Compressors.BZip2;

namespace OverlayImg.Images.Compression;

/// <summary>
/// Decompresses bzip2: any number of streams. The checksums of the blocks and of each stream are verified. Data behind the last stream that is no stream is
/// an error.
/// </summary>
/// <remarks>
/// The streams are told apart here, because the library ends without an error at a later stream whose header is damaged.
/// </remarks>
internal sealed class Bzip2Decoder(Stream compressed, InputLocation where) : DecoderStream(where)
{
    private const string Format = "bzip2";
    private const int HeaderLength = 4;

    // Each costs as much time as a small file, and no writer has a use for more than a few.
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
                if (++_emptyStreams > MaximumEmptyStreams)
                    throw Corrupt(Format, string.Create(CultureInfo.InvariantCulture, $"more than {MaximumEmptyStreams} of its streams in a row are empty"));
            }

            return 0;
        }
        catch (Exception exception) when (exception is not (InputException or OutOfMemoryException))
        {
            // The library turns a failed read into the end of the data.
            _input.Failure?.Throw();
            // The library refuses damaged data by several types of exceptions, IndexOutOfRangeException among them.
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

    /// <summary>Begins with the next stream; false at the end of the data.</summary>
    private bool BeginStream()
    {
        var header = _input.Peek(HeaderLength);
        if (header.IsEmpty && _isBegun) return false;
        if (header.Length < HeaderLength && "BZh"u8.StartsWith(header)) throw Truncated(Format);
        if (CompressionMagic.Detect(header) != CompressionFormat.Bzip2) throw Corrupt(Format, "behind one of its streams is data that is no bzip2");
        _isBegun = true;
        _stream = BZip2Stream.Create(_input, CompressionMode.Decompress, decompressConcatenated: false, leaveOpen: true);
        return true;
    }

    private void EndStream()
    {
        _stream?.Dispose();
        _stream = null;
    }

    /// <summary>
    /// The compressed data. The library takes it byte by byte, up to the last byte of a stream and not beyond.
    /// </summary>
    private sealed class Input(Stream inner) : ForwardStream
    {
        // The library handles an empty block by recursion. No empty block is shorter than this number of bytes.
        private const int StackCheckInterval = 16;
        private readonly byte[] _buffer = new byte[64 << 10];
        private int _start;
        private int _end;

        /// <summary>Whether the library has asked for more bytes than there are.</summary>
        public bool IsAtEnd { get; private set; }

        /// <summary>The error of a failed read of the compressed data, or null.</summary>
        public ExceptionDispatchInfo? Failure { get; private set; }

        /// <summary>The next <paramref name="count"/> bytes, or as many as there are.</summary>
        public ReadOnlySpan<byte> Peek(int count)
        {
            while (_end - _start < count && Refill())
            {
                // One read may give fewer bytes.
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
