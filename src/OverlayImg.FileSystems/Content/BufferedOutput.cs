namespace OverlayImg.FileSystems;

/// <summary>
/// Gathers what is written and hands it on in large pieces, so that a million headers are not a million writes. Content is read straight into it.
/// </summary>
internal sealed class BufferedOutput(Stream stream, int bufferSize = 1 << 20)
{
    // Below this the system calls that empty the buffer and copy cost more than the copying that they save.
    private const int SmallestKernelCopy = 64 << 10;

    private readonly byte[] _buffer = new byte[bufferSize];
    private int _used;

    /// <summary>Bytes written so far.</summary>
    public long Position { get; private set; }

    /// <summary>Room for the next bytes, at least one: fill some of it, then call <see cref="Advance"/>.</summary>
    public Span<byte> Free
    {
        get
        {
            if (_used == _buffer.Length) Flush();
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

    /// <summary>
    /// Writes content: what is large and lies in one run goes past the buffer where <paramref name="content"/> and the stream are both files.
    /// </summary>
    public void Write(FileContent content, CancellationToken cancellationToken)
    {
        if (content is SourceContent { Length: >= SmallestKernelCopy } run && stream is FileOutputStream file)
        {
            Flush();
            file.CopyFrom(run.Source, run.SourceOffset, run.Length, cancellationToken);
            Position += run.Length;
            return;
        }

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

    /// <summary>Hands on what is gathered.</summary>
    public void Flush()
    {
        if (_used > 0) stream.Write(_buffer, 0, _used);
        _used = 0;
    }
}
