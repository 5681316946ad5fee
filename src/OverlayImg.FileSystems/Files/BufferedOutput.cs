namespace OverlayImg.FileSystems.Files;

/// <summary>
/// A buffer in front of a stream. It joins small writes (a tar header has 512 bytes) to large ones, and content is read directly into it. Where
/// the stream is a file, another thread writes a full buffer while the next one is filled.
/// </summary>
internal sealed class BufferedOutput : IDisposable
{
    private readonly Stream _stream;
    private readonly WriteBehind? _behind;
    private byte[] _buffer;
    private int _used;

    /// <summary>Makes an output to <paramref name="stream"/>, which the caller disposes of.</summary>
    public BufferedOutput(Stream stream, int bufferSize = 1 << 20)
    {
        _stream = stream;
        _behind = stream is FileOutputStream file ? new(file) : null;
        _buffer = new byte[bufferSize];
    }

    /// <summary>Number of bytes written so far, including bytes in the buffer.</summary>
    public long Position { get; private set; }

    /// <summary>The unused part of the buffer, at least one byte. The caller fills some of it and calls <see cref="Advance"/>.</summary>
    public Span<byte> Free
    {
        get
        {
            if (_used == _buffer.Length) WriteOut();
            return _buffer.AsSpan(_used);
        }
    }

    /// <summary>Marks the first <paramref name="count"/> bytes of <see cref="Free"/> as written.</summary>
    public void Advance(int count)
    {
        _used += count;
        Position += count;
    }

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

    /// <summary>Reads all of <paramref name="content"/> into the buffer, holes as zeros.</summary>
    /// <remarks>
    /// <c>copy_file_range</c> would take twice as long as reading and writing on two threads. It could not share blocks either, because files
    /// in a tar are not aligned to the blocks of a file system.
    /// </remarks>
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

    /// <summary>Writes zeros up to the next multiple of <paramref name="size"/> bytes.</summary>
    public void Pad(int size) => WriteZeros((size - (Position % size)) % size);

    /// <summary>Writes the buffer to the stream and waits until the stream has all bytes.</summary>
    public void Flush()
    {
        WriteOut();
        _behind?.Wait();
    }

    /// <summary>Stops the writing thread. Bytes that were not flushed may be lost.</summary>
    public void Dispose() => _behind?.Dispose();

    private void WriteOut()
    {
        if (_used == 0) return;
        if (_behind is null) _stream.Write(_buffer, 0, _used);
        else _buffer = _behind.Exchange(_buffer, _used);
        _used = 0;
    }
}
