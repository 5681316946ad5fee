using System.Buffers;
using System.Collections.Concurrent;

namespace OverlayImg.Images.Streams;

/// <summary>
/// Takes bytes as they are written, and has them read on a thread of its own: what is computed of them costs whoever writes no more than a copy.
/// Write-only; call <see cref="Complete"/> after the last byte.
/// </summary>
/// <typeparam name="T">What is computed.</typeparam>
public abstract class ParallelReader<T> : WriteOnlyStream
{
    // As much as the reading may lag behind the writing: two mebibytes.
    private const int MostPieces = 8;
    private const int PieceSize = 256 << 10;

    private readonly BlockingCollection<Piece> _pieces = new(MostPieces);
    private readonly CancellationTokenSource _stop;
    private readonly Task<T> _result;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(PieceSize);
    private int _used;

    /// <summary>Begins to read; <paramref name="compute"/> is given all that is written.</summary>
    private protected ParallelReader(Func<Stream, CancellationToken, T> compute, CancellationToken cancellationToken)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _result = Task.Factory.StartNew(() => Read(compute), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Waits for what was computed of all that was written.</summary>
    /// <exception cref="InputException">It can't be computed of such bytes.</exception>
    public T Complete()
    {
        HandOn();
        _pieces.CompleteAdding();
        return _result.GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            if (_used == PieceSize) HandOn();
            var count = Math.Min(buffer.Length, PieceSize - _used);
            buffer[..count].CopyTo(_buffer.AsSpan(_used));
            _used += count;
            buffer = buffer[count..];
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stop.Cancel();
            // Waits without throwing: an error that nobody asked for with Complete is of no interest any more.
            Task.WhenAny(_result).GetAwaiter().GetResult();
            _pieces.Dispose();
            _stop.Dispose();
        }

        base.Dispose(disposing);
    }

    private void HandOn()
    {
        try
        {
            _pieces.Add(new(_buffer, _used), _stop.Token);
            (_buffer, _used) = (ArrayPool<byte>.Shared.Rent(PieceSize), 0);
        }
        catch (OperationCanceledException)
        {
            // If the reading failed and takes nothing more, its error is the one to report.
            _result.GetAwaiter().GetResult();
            throw;
        }
    }

    private T Read(Func<Stream, CancellationToken, T> compute)
    {
        using var pieces = new PieceStream(_pieces, _stop.Token);
        try
        {
            var result = compute(pieces, _stop.Token);
            // What nobody needed (the padding behind a tar's end marker) must be taken too, or the writer would wait forever.
            pieces.CopyTo(Null);
            return result;
        }
        finally
        {
            // Whoever still waits to hand on a piece is waiting for nothing.
            _stop.Cancel();
        }
    }
}
