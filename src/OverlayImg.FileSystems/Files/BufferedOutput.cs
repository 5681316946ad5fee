namespace OverlayImg.FileSystems.Files;

/// <summary>
/// Gathers what is written and hands it on in large pieces, so that a million headers are not a million writes. Content is read straight into it.
/// Where the stream is a file, writing the pieces goes on beside gathering the next.
/// </summary>
internal sealed class BufferedOutput : IDisposable
{
    private readonly Stream _stream;
    private readonly WriteBehind? _behind;
    private byte[] _buffer;
    private int _used;

    /// <summary>Gathers for <paramref name="stream"/>, which is not disposed of.</summary>
    public BufferedOutput(Stream stream, int bufferSize = 1 << 20)
    {
        _stream = stream;
        _behind = stream is FileOutputStream file ? new(file) : null;
        _buffer = new byte[bufferSize];
    }

    /// <summary>Bytes written so far.</summary>
    public long Position { get; private set; }

    /// <summary>Room for the next bytes, at least one: fill some of it, then call <see cref="Advance"/>.</summary>
    public Span<byte> Free
    {
        get
        {
            if (_used == _buffer.Length) HandOn();
            return _buffer.AsSpan(_used);
        }
    }

    /// <summary>Counts <paramref name="count"/> bytes of <see cref="Free"/> as written.</summary>
    public void Advance(int count)
    {
        _used += count;
        Position += count;
    }

    /// <summary>Writes bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var free = Free;
            var count = Math.Min(bytes.Length, free.Length);
            bytes[..count].CopyTo(free);
            Advance(count);
            bytes = bytes[count..];
        }
    }

    /// <summary>Writes content.</summary>
    /// <remarks>Not by <c>copy_file_range</c>: reading here and writing there at the same time takes half as long, and no file lies in a tar so that its blocks could be shared.</remarks>
    public void Write(FileContent content, CancellationToken cancellationToken)
    {
        for (var offset = 0L; offset < content.Length;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var room = Free;
            if (content.Length - offset < room.Length) room = room[..(int)(content.Length - offset)];
            content.Read(offset, room);
            Advance(room.Length);
            offset += room.Length;
        }
    }

    /// <summary>Writes zeros.</summary>
    public void WriteZeros(long count)
    {
        while (count > 0)
        {
            var free = Free;
            var part = (int)Math.Min(count, free.Length);
            free[..part].Clear();
            Advance(part);
            count -= part;
        }
    }

    /// <summary>Writes zeros up to the next multiple of <paramref name="size"/>.</summary>
    public void Pad(int size) => WriteZeros((size - (Position % size)) % size);

    /// <summary>Hands on what is gathered, and waits until it is written.</summary>
    public void Flush()
    {
        HandOn();
        _behind?.Wait();
    }

    /// <summary>Ends the writing; what is not flushed may be lost.</summary>
    public void Dispose() => _behind?.Dispose();

    private void HandOn()
    {
        if (_used == 0) return;
        if (_behind is null) _stream.Write(_buffer, 0, _used);
        else _buffer = _behind.Exchange(_buffer, _used);
        _used = 0;
    }
}
