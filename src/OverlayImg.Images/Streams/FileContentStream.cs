using OverlayImg.FileSystems;

namespace OverlayImg.Images.Streams;

/// <summary>Content as a stream that reads from front to back.</summary>
/// <param name="content">The content.</param>
/// <param name="offset">Where it begins.</param>
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

/// <summary>Content where a stream is wanted.</summary>
public static class ContentStream
{
    /// <summary>Opens what comes from <paramref name="offset"/> on.</summary>
    public static Stream Open(FileContent content, long offset) => new FileContentStream(content, offset);
}
