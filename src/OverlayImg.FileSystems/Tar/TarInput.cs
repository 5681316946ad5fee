namespace OverlayImg.FileSystems.Tar;

/// <summary>
/// A buffered forward reader of a stream. Skipped bytes beyond the buffer are skipped by seeking where the stream can seek, and by reading
/// otherwise.
/// </summary>
internal sealed class TarInput
{
    // After a seek another large file may follow the next header, so the first read is small. Each further read is larger.
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

    /// <summary>Byte offset of the next byte, counted from the stream's position at construction.</summary>
    public long Position { get; private set; }

    /// <summary>Reads up to <paramref name="destination"/>'s length. Returns the number of bytes, which is 0 at the end.</summary>
    public int ReadSome(Span<byte> destination)
    {
        if (_start == _end && destination.Length >= _buffer.Length) return Advance(_stream.Read(destination));
        if (_start == _end && !destination.IsEmpty) Fill();
        var count = Math.Min(destination.Length, _end - _start);
        _buffer.AsSpan(_start, count).CopyTo(destination);
        _start += count;
        return Advance(count);
    }

    /// <summary>Fills <paramref name="destination"/>. Returns the number of bytes, which is smaller only at the end of the stream.</summary>
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

    /// <summary>Skips <paramref name="count"/> bytes. Returns the number of skipped bytes, which is smaller only at the end of the stream.</summary>
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
        // A seek beyond the end succeeds, so the count is limited to the stream's length.
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
