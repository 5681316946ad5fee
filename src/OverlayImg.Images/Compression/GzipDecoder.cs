using System.IO.Compression;

namespace OverlayImg.Images;

/// <summary>
/// Decompresses gzip and, unlike <see cref="GZipStream"/>, notices when the data ends too soon (that one returns what it has, and no error).
/// </summary>
/// <remarks>
/// The trick: behind the input we put a gzip member of our own, the seal. A decoder that is between members when the input ends goes
/// on with the seal and gives exactly its text; one that is still inside a member takes the seal for data of that member, and gives anything
/// but that. What follows the last member and is no member (padding, as <c>dd</c> leaves) ends the decoding before the seal, and is ignored
/// as <c>gzip</c> does. Check sums are <see cref="GZipStream"/>'s business.
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
            var count = _gzip.Read(buffer);
            // Nothing of the input is left to come out once the decoder has asked for more of it than there is.
            if (count > 0 && !_input.IsSealTouched) return count;
            if (_input.IsSealTouched) CheckSeal(buffer[..count]);
            _isAtEnd = true;
            return 0;
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
        private static readonly byte[] Seal = MakeSeal();
        private int _sealPosition;
        private bool _isInnerAtEnd;

        public static ReadOnlySpan<byte> SealText => "this is where the data ends"u8;

        public bool IsSealTouched => _sealPosition > 0;

        public override int Read(Span<byte> buffer)
        {
            if (!_isInnerAtEnd)
            {
                var count = inner.Read(buffer);
                if (count > 0 || buffer.IsEmpty) return count;
                _isInnerAtEnd = true;
            }

            var rest = Seal.AsSpan(_sealPosition);
            var taken = Math.Min(rest.Length, buffer.Length);
            rest[..taken].CopyTo(buffer);
            _sealPosition += taken;
            return taken;
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
