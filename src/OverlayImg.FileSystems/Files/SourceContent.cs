namespace OverlayImg.FileSystems.Files;

/// <summary>Content that is one range of a <see cref="ByteSource"/>, like an ordinary file in a tar.</summary>
public sealed class SourceContent(ByteSource source, long sourceOffset, long length) : FileContent
{
    /// <summary>The source that has the bytes.</summary>
    public ByteSource Source => source;

    /// <summary>Byte offset of the content in <see cref="Source"/>.</summary>
    public long SourceOffset => sourceOffset;

    /// <inheritdoc/>
    public override long Length => length;

    /// <inheritdoc/>
    protected override void ReadCore(long offset, Span<byte> buffer) => source.Read(sourceOffset + offset, buffer);
}
