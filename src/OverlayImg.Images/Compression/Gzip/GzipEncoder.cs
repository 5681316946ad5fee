using System.Buffers.Binary;
using System.IO.Hashing;
using OverlayImg.Images.Streams;

namespace OverlayImg.Images.Compression.Gzip;

/// <summary>
/// Compresses to gzip (RFC 1952) on all processors. The output depends only on the input and on this code: not on the
/// number of processors, the sizes of the writes, or a version of the runtime or a system library.
/// </summary>
/// <remarks>
/// The input is compressed in pieces of 1 MiB, each with the 32 KiB before it as its window. The pieces are joined at
/// byte boundaries into one member, as pigz does. The header has no name and no time, and the system 255 (unknown).
/// </remarks>
internal sealed class GzipEncoder(Stream output) : CompressorStream
{
    private const int PieceSize = 1 << 20;
    private static readonly int MaximumRunning = Math.Min(Environment.ProcessorCount, 16) + 1;

    private readonly Queue<Task<Piece>> _running = [];
    private readonly Stack<Piece> _idle = [];
    private Piece? _filling;
    private uint _crc;
    private long _length;
    private bool _isBegun;

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            _filling ??= NextPiece(default);
            buffer = buffer[_filling.Add(buffer)..];
            if (_filling.IsFull) Submit();
        }
    }

    /// <inheritdoc/>
    public override void Complete()
    {
        if (_filling is { IsEmpty: false } last) _running.Enqueue(Task.Run(last.Compress));
        while (_running.Count > 0) WriteOldest();
        WriteHeader();
        // The last block is empty and uses the fixed codes: ten bits, padded to two bytes.
        Span<byte> end = [0x03, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt32LittleEndian(end[2..], _crc);
        BinaryPrimitives.WriteUInt32LittleEndian(end[6..], (uint)_length);
        output.Write(end);
    }

    private void Submit()
    {
        var piece = _filling!;
        _running.Enqueue(Task.Run(piece.Compress));
        if (_running.Count > MaximumRunning) WriteOldest();
        _filling = NextPiece(piece.End);
    }

    private Piece NextPiece(ReadOnlySpan<byte> window)
    {
        var piece = _idle.TryPop(out var idle) ? idle : new Piece();
        piece.Begin(window);
        return piece;
    }

    private void WriteOldest()
    {
        var piece = _running.Dequeue().GetAwaiter().GetResult();
        WriteHeader();
        output.Write(piece.Compressed);
        _crc = CombinedCrc32.Of(_crc, piece.Crc, piece.Length);
        _length += piece.Length;
        _idle.Push(piece);
    }

    private void WriteHeader()
    {
        if (_isBegun) return;
        _isBegun = true;
        output.Write([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]);
    }

    /// <summary>A piece of the input, the window before it, and its compressed form.</summary>
    private sealed class Piece
    {
        private readonly byte[] _buffer = new byte[DeflateTables.WindowSize + PieceSize];
        private readonly DeflateEncoder _encoder = new();
        private int _start;
        private int _end;

        public int Length => _end - _start;

        public bool IsEmpty => _end == _start;

        public bool IsFull => Length == PieceSize;

        public uint Crc { get; private set; }

        public ReadOnlySpan<byte> Compressed => _encoder.Written;

        /// <summary>The last bytes of the piece, which the deflate window of the next piece begins with.</summary>
        public ReadOnlySpan<byte> End => _buffer.AsSpan(Math.Max(0, _end - DeflateTables.WindowSize), Math.Min(_end, DeflateTables.WindowSize));

        public void Begin(ReadOnlySpan<byte> window)
        {
            window.CopyTo(_buffer);
            _start = _end = window.Length;
        }

        /// <summary>Adds bytes up to the size of a piece; returns the number of bytes added.</summary>
        public int Add(ReadOnlySpan<byte> bytes)
        {
            var count = Math.Min(bytes.Length, PieceSize - Length);
            bytes[..count].CopyTo(_buffer.AsSpan(_end));
            _end += count;
            return count;
        }

        public Piece Compress()
        {
            Crc = Crc32.HashToUInt32(_buffer.AsSpan(_start, Length));
            _encoder.Encode(_buffer.AsSpan(0, _end), _start);
            return this;
        }
    }
}
