using System.IO.Compression;
using OverlayImg.Images.Streams;

namespace OverlayImg.Images.Compression;

/// <summary>Decompresses gzip and, unlike <see cref="GZipStream"/>, throws if the data is truncated.</summary>
/// <remarks>
/// The decoder appends a gzip member of known text, the seal, to the input. At the end of an intact input it decodes
/// the seal and gets exactly that text. Inside a truncated member it decodes the seal as data of the member and gets
/// something else. Data after the last member that is not a member ends the decoding before the seal. Such zeros
/// (padding, as dd leaves) are ignored as gzip does. Other data is refused, because it may be a member with a damaged
/// header. <see cref="GZipStream"/> verifies the checksums.
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
            // The buffer is filled completely, so that damage in it is found before the caller uses its data.
            var count = 0;
            while (count < buffer.Length)
            {
                var read = _gzip.Read(buffer[count..]);
                // Once the decoder reads the seal, all data of the input has been returned.
                if (read > 0 && !_input.IsSealTouched)
                {
                    count += read;
                    continue;
                }

                if (_input.IsSealTouched) CheckSeal(buffer.Slice(count, read));
                else if (!_input.EndsInZeros()) throw Corrupt(Format, "the data after one of its members is not gzip");
                _isAtEnd = true;
                break;
            }

            return count;
        }
        catch (InvalidDataException exception)
        {
            // .NET reports every error, a wrong checksum among them, as an unsupported compression method.
            throw _input.IsSealTouched ? Truncated(Format) : Corrupt(Format, "its data or its checksum is wrong", exception);
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

    /// <summary>The compressed data followed by the seal.</summary>
    private sealed class SealedStream(Stream inner) : ForwardStream
    {
        // The last bytes are returned one by one, which shows where the last member ends.
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

        /// <summary>Whether the last byte read and all following bytes are zeros. Reads the rest of the input.</summary>
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
