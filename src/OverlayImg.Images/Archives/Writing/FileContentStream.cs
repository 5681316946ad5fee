using OverlayImg.FileSystems;

namespace OverlayImg.Images;

/// <summary>Content as a stream that reads from front to back.</summary>
internal sealed class FileContentStream(FileContent content) : ForwardStream
{
    private long _position;

    public override int Read(Span<byte> buffer)
    {
        var count = (int)Math.Min(buffer.Length, content.Length - _position);
        content.Read(_position, buffer[..count]);
        _position += count;
        return count;
    }
}
