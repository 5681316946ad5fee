using System.IO.Compression;
using OverlayImg.Images.Streams;

namespace OverlayImg.Images.Compression;

/// <summary>
/// Decompresses gzip and, unlike <see cref="GZipStream"/>, notices when the data ends too soon (that one returns what it has, and no error).
/// </summary>
/// <remarks>
/// The trick: behind the input we put a gzip member of our own, the seal. A decoder that is between members when the input ends goes
/// on with the seal and gives exactly its text; one that is still inside a member takes the seal for data of that member, and gives anything
/// but that. What follows the last member and is no member ends the decoding before the seal: zeros (padding, as <c>dd</c> leaves) are ignored as
/// <c>gzip</c> does, and anything else is refused, because it may be a member with a damaged header. Check sums are <see cref="GZipStream"/>'s business.
/// </remarks>
internal sealed class GzipDecoder : DecoderStream
{
    private const string Format = "gzip";
    private readonly SealedStream _input;
    private readonly GZipStream _gzip;
    private bool _isAtEnd;

    public GzipDecoder(Stream compressed, InputLocation where) : base(where)
    {
        _input = new(compressed);
        _gzip = new(_input, CompressionMode.Decompress);
    }

    protected override int Decode(Span<byte> buffer)
    {
        if (_isAtEnd) return 0;
        try
        {
            // As much as the reader takes: what comes out of damaged data is not passed on before the damage is found, as far as the buffer reaches.
            var count = 0;
            while (count < buffer.Length)
            {
                var read = _gzip.Read(buffer[count..]);
                // Nothing of the input is left to come out once the decoder has asked for more of it than there is.
                if (read > 0 && !_input.IsSealTouched)
                {
                    count += read;
                    continue;
                }

                if (_input.IsSealTouched) CheckSeal(buffer.Slice(count, read));
                else if (!_input.EndsInZeros()) throw Corrupt(Format, "behind one of its members is data that is no gzip");
                _isAtEnd = true;
                break;
            }

            return count;
        }
        catch (InvalidDataException exception)
        {
            // The runtime says of every error, a wrong check sum among them, that the compression method is not supported.
            throw _input.IsSealTouched ? Truncated(Format) : Corrupt(Format, "its data or its check sum is wrong", exception);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _gzip.Dispose();
        base.Dispose(disposing);
    }

    private void CheckSeal(ReadOnlySpan<byte> start)
    {
        Span<byte> text = stackalloc byte[SealedStream.SealText.Length + 1];
        if (start.Length > SealedStream.SealText.Length) throw Truncated(Format);
        start.CopyTo(text);
        var length = start.Length;
        while (length < text.Length && _gzip.Read(text[length..]) is > 0 and var count) length += count;
        if (!text[..length].SequenceEqual(SealedStream.SealText)) throw Truncated(Format);
    }

    /// <summary>A stream with the seal behind it.</summary>
    private sealed class SealedStream(Stream inner) : ForwardStream
    {
        // The last bytes are handed out one by one, so that it is known where the last member ends.
        private const int Window = 16 << 10;
        private const int BufferSize = 64 << 10;
        private static readonly byte[] Seal = MakeSeal();
        private readonly byte[] _ahead = new byte[BufferSize];
        private int _start;
        private int _end;
        private byte _last;
        private int _sealPosition;
        private bool _isInnerAtEnd;

        public static ReadOnlySpan<byte> SealText => "this is where the data ends"u8;

        public bool IsSealTouched => _sealPosition > 0;

        public override int Read(Span<byte> buffer)
        {
            if (buffer.IsEmpty) return 0;
            while (!_isInnerAtEnd && _end - _start <= Window) ReadAhead();
            var bytes = _ahead.AsSpan(_start.._end);
            if (!bytes.IsEmpty)
            {
                var count = Math.Min(buffer.Length, Math.Max(bytes.Length - Window, 1));
                bytes[..count].CopyTo(buffer);
                _start += count;
                _last = buffer[count - 1];
                return count;
            }

            var rest = Seal.AsSpan(_sealPosition);
            var taken = Math.Min(rest.Length, buffer.Length);
            rest[..taken].CopyTo(buffer);
            _sealPosition += taken;
            return taken;
        }

        /// <summary>Whether the last byte that was read and all bytes behind it are zeros. Reads them to the end.</summary>
        public bool EndsInZeros()
        {
            var areZeros = _last == 0;
            while (areZeros)
            {
                areZeros = !_ahead.AsSpan(_start.._end).ContainsAnyExcept((byte)0);
                (_start, _end) = (0, 0);
                if (_isInnerAtEnd) break;
                ReadAhead();
            }

            return areZeros;
        }

        private void ReadAhead()
        {
            _ahead.AsSpan(_start.._end).CopyTo(_ahead);
            (_start, _end) = (0, _end - _start);
            var count = inner.Read(_ahead.AsSpan(_end));
            _end += count;
            _isInnerAtEnd = count == 0;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }

        private static byte[] MakeSeal()
        {
            using var member = new MemoryStream();
            using (var gzip = new GZipStream(member, CompressionLevel.NoCompression)) gzip.Write(SealText);
            return member.ToArray();
        }
    }
}
