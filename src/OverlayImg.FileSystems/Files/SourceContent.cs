namespace OverlayImg.FileSystems.Files;

/// <summary>Content that lies as one run in a <see cref="ByteSource"/>, as files do in a tar.</summary>
public sealed class SourceContent(ByteSource source, long sourceOffset, long length) : FileContent
{
    /// <summary>The file that it lies in.</summary>
    public ByteSource Source => source;

    /// <summary>Where in <see cref="Source"/> it begins.</summary>
    public long SourceOffset => sourceOffset;

    /// <inheritdoc/>
    public override long Length => length;

    /// <inheritdoc/>
    protected override void ReadCore(long offset, Span<byte> buffer) => source.Read(sourceOffset + offset, buffer);
}
