using System.Buffers;
using System.Collections.Concurrent;

namespace OverlayImg.Images.Streams;

/// <summary>A piece of written data in a buffer of the shared pool.</summary>
internal readonly record struct Piece(byte[] Buffer, int Length);

/// <summary>A stream over a queue of pieces that returns their buffers to the pool. It ends when the queue is completed.</summary>
internal sealed class PieceStream(BlockingCollection<Piece> pieces, CancellationToken cancellationToken) : ForwardStream
{
    private Piece _piece = new([], 0);
    private int _position;

    public override int Read(Span<byte> buffer)
    {
        while (_position == _piece.Length)
        {
            if (!pieces.TryTake(out var next, Timeout.Infinite, cancellationToken)) return 0;
            if (_piece.Length > 0) ArrayPool<byte>.Shared.Return(_piece.Buffer);
            (_piece, _position) = (next, 0);
        }

        var count = Math.Min(buffer.Length, _piece.Length - _position);
        _piece.Buffer.AsSpan(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }
}
