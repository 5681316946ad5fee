using System.Buffers;
using System.Collections.Concurrent;

namespace OverlayImg.Images.Streams;

/// <summary>
/// A write-only stream whose bytes are processed on another thread, at the cost of a copy for the writer. Call
/// <see cref="Complete"/> after the last byte.
/// </summary>
/// <typeparam name="T">Type of the result.</typeparam>
public abstract class ParallelReader<T> : WriteOnlyStream
{
    // The writer may be at most two mebibytes ahead of the reader.
    private const int MostPieces = 8;
    private const int PieceSize = 256 << 10;

    private readonly BlockingCollection<Piece> _pieces = new(MostPieces);
    private readonly CancellationTokenSource _stop;
    private readonly Task<T> _result;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(PieceSize);
    private int _used;

    /// <summary>Starts <paramref name="compute"/> on a stream of the written bytes.</summary>
    private protected ParallelReader(Func<Stream, CancellationToken, T> compute, CancellationToken cancellationToken)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _result = Task.Factory.StartNew(() => Read(compute), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Waits for the result for all written bytes.</summary>
    /// <exception cref="InputException">The computation refuses the bytes.</exception>
    public T Complete()
    {
        Enqueue();
        _pieces.CompleteAdding();
        return _result.GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            if (_used == PieceSize) Enqueue();
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
            // Without Complete nobody needs the result, so that an error is ignored.
            Task.WhenAny(_result).GetAwaiter().GetResult();
            _pieces.Dispose();
            _stop.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Enqueue()
    {
        try
        {
            _pieces.Add(new(_buffer, _used), _stop.Token);
            (_buffer, _used) = (ArrayPool<byte>.Shared.Rent(PieceSize), 0);
        }
        catch (OperationCanceledException)
        {
            // If the computation failed and reads no more, its error is reported instead of the cancellation.
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
            // The rest, such as the padding of a tar, must be read, too: otherwise the writer would wait forever.
            pieces.CopyTo(Null);
            return result;
        }
        finally
        {
            // Wakes up a writer that waits for room in the queue.
            _stop.Cancel();
        }
    }
}
