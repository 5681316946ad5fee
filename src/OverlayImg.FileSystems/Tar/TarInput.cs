namespace OverlayImg.FileSystems.Tar;

/// <summary>
/// Reads a stream forward through a buffer, and passes over what nobody wants: within the buffer by moving on, beyond it by seeking where
/// the stream can, else by reading.
/// </summary>
internal sealed class TarInput
{
    // After a seek chances are that another large file follows its header: read little first, and more the more is used.
    private const int SmallestReadAhead = 8 << 10;
    private const int LargestReadAhead = 256 << 10;

    private readonly Stream _stream;
    private readonly byte[] _buffer = new byte[LargestReadAhead];
    private readonly long _length;
    private int _start;
    private int _end;
    private int _readAhead = SmallestReadAhead;

    public TarInput(Stream stream)
    {
        _stream = stream;
        _length = stream.CanSeek ? Math.Max(0, stream.Length - stream.Position) : long.MaxValue;
    }

    /// <summary>Bytes from where the stream stood at first to the next byte that will be read.</summary>
    public long Position { get; private set; }

    /// <summary>Reads up to <paramref name="destination"/>'s length; 0 only at the end (or for an empty destination).</summary>
    public int ReadSome(Span<byte> destination)
    {
        if (_start == _end && destination.Length >= _buffer.Length) return Advance(_stream.Read(destination));
        if (_start == _end && !destination.IsEmpty) Fill();
        var count = Math.Min(destination.Length, _end - _start);
        _buffer.AsSpan(_start, count).CopyTo(destination);
        _start += count;
        return Advance(count);
    }

    /// <summary>Fills <paramref name="destination"/> as far as the stream goes; the number of bytes.</summary>
    public int Read(Span<byte> destination)
    {
        var filled = 0;
        while (filled < destination.Length)
        {
            var count = ReadSome(destination[filled..]);
            if (count == 0) break;
            filled += count;
        }

        return filled;
    }

    /// <summary>Passes over <paramref name="count"/> bytes, or over what there is of them; the number of bytes passed over.</summary>
    public long Skip(long count, CancellationToken cancellationToken)
    {
        var buffered = (int)Math.Min(count, _end - _start);
        _start += buffered;
        Advance(buffered);
        if (count == buffered) return count;
        return buffered + (_stream.CanSeek ? SkipBySeeking(count - buffered) : SkipByReading(count - buffered, cancellationToken));
    }

    private long SkipBySeeking(long count)
    {
        // A seek beyond the end succeeds: only the length tells that the bytes are there.
        count = Math.Min(count, _length - Position);
        _stream.Seek(count, SeekOrigin.Current);
        Position += count;
        _readAhead = SmallestReadAhead;
        return count;
    }

    private long SkipByReading(long count, CancellationToken cancellationToken)
    {
        var remaining = count;
        while (remaining > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Fill();
            if (_end == 0) break;
            _start = (int)Math.Min(remaining, _end);
            remaining -= Advance(_start);
        }

        return count - remaining;
    }

    private void Fill()
    {
        _start = 0;
        _end = _stream.Read(_buffer, 0, _readAhead);
        _readAhead = Math.Min(_readAhead * 2, LargestReadAhead);
    }

    private int Advance(int count)
    {
        Position += count;
        return count;
    }
}
