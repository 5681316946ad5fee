using OverlayImg.FileSystems;

namespace OverlayImg.Images;

/// <summary>
/// What a compressed layer unpacks to, unpacked anew as it is read. Meant to be read from front to back: going back starts again.
/// </summary>
internal sealed class UnpackedContent : FileContent
{
    private const int BufferSize = 1 << 20;
    private readonly Lock _lock = new();
    private readonly Layer _layer;
    private readonly InputLocation _where;
    private Stream _stream;
    private long _position;

    /// <summary>Unpacks the layer once, to learn its length.</summary>
    public UnpackedContent(Layer layer)
    {
        (_layer, _where) = (layer, new(Layer: layer.DiffId.ToString()));
        _stream = Open();
        Length = Skip(SpoolLimits.Default.For(layer.StoredLength));
    }

    public override long Length { get; }

    protected override void ReadCore(long offset, Span<byte> buffer)
    {
        lock (_lock)
        {
            if (offset < _position) _stream = Open();
            if (Skip(offset - _position) < offset || _stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) < buffer.Length)
                throw new InputException("changed while it was read", _where);
            _position += buffer.Length;
        }
    }

    private Stream Open()
    {
        _stream?.Dispose();
        _position = 0;
        return Decompression.Open(new FileContentStream(_layer.StoredContent), _layer.Compression, _where);
    }

    /// <summary>Goes on by up to <paramref name="count"/> bytes; the position then.</summary>
    private long Skip(long count)
    {
        var buffer = new byte[Math.Min(BufferSize, Math.Max(0, count))];
        while (count > 0 && _stream.Read(buffer, 0, (int)Math.Min(count, buffer.Length)) is > 0 and var read)
        {
            _position += read;
            count -= read;
        }

        return _position;
    }
}
