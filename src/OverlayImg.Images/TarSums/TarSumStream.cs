using System.Buffers;
using System.Collections.Concurrent;
using OverlayImg.FileSystems;

namespace OverlayImg.Images.TarSums;

/// <summary>
/// Takes a tar archive as it is written and sums it on a thread of its own, so that writing, compressing and hashing a layer take
/// one pass. Write-only; call <see cref="Complete"/> after the last byte.
/// </summary>
public sealed class TarSumStream : WriteOnlyStream
{
    // As much as the hashing may lag behind the writing: two mebibytes.
    private const int MostPieces = 8;
    private const int PieceSize = 256 << 10;

    private readonly BlockingCollection<TarSumPiece> _pieces = new(MostPieces);
    private readonly CancellationTokenSource _stop;
    private readonly Task<string> _sum;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(PieceSize);
    private int _used;

    /// <summary>Begins; <paramref name="where"/> is what errors call the archive.</summary>
    public TarSumStream(InputLocation where, CancellationToken cancellationToken)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _sum = Task.Factory.StartNew(() => Sum(where), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Waits for the sum of what was written.</summary>
    /// <returns>As <see cref="TarSum.Compute"/>.</returns>
    /// <exception cref="InputException">What was written is no valid archive.</exception>
    public string Complete()
    {
        HandOn();
        _pieces.CompleteAdding();
        return _sum.GetAwaiter().GetResult();
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
            Task.WhenAny(_sum).GetAwaiter().GetResult();
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
            // If the summing failed and takes nothing more, its error is the one to report.
            _sum.GetAwaiter().GetResult();
            throw;
        }
    }

    private string Sum(InputLocation where)
    {
        using var pieces = new TarSumPieceStream(_pieces, _stop.Token);
        try
        {
            var sum = TarSum.Compute(pieces, where, _stop.Token);
            // The padding after the end marker must be taken too, or the writer would wait forever.
            pieces.CopyTo(Null);
            return sum;
        }
        finally
        {
            // Whoever still waits to hand on a piece is waiting for nothing.
            _stop.Cancel();
        }
    }
}
