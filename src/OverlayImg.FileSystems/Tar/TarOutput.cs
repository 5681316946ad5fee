namespace OverlayImg.FileSystems.Tar;

/// <summary>
/// Gathers what is written and hands it on in large pieces, so that a million headers are not a million writes. Content is read straight into it.
/// </summary>
internal sealed class TarOutput(Stream stream)
{
    private const int BufferSize = 1 << 20;

    private readonly byte[] _buffer = new byte[BufferSize];
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
