using OverlayImg.FileSystems;

namespace OverlayImg.Images.Streams;

/// <summary>A forward-only stream over a file content, which it does not own.</summary>
/// <param name="offset">Byte offset in the content at which the stream begins.</param>
internal sealed class FileContentStream(FileContent content, long offset = 0) : ForwardStream
{
    private long _position = offset;

    public override int Read(Span<byte> buffer)
    {
        var count = (int)Math.Min(buffer.Length, content.Length - _position);
        content.Read(_position, buffer[..count]);
        _position += count;
        return count;
    }
}

/// <summary>Opens file contents as streams.</summary>
public static class ContentStream
{
    /// <summary>Opens the content from the byte <paramref name="offset"/> on.</summary>
    public static Stream Open(FileContent content, long offset) => new FileContentStream(content, offset);
}
