namespace OverlayImg.FileSystems;

/// <summary>Content in memory, for files that the tool makes itself: scripts and parameters of a few kilobytes.</summary>
public sealed class MemoryContent(ReadOnlyMemory<byte> bytes) : FileContent
{
    /// <inheritdoc/>
    public override long Length => bytes.Length;

    /// <inheritdoc/>
    protected override void ReadCore(long offset, Span<byte> buffer) => bytes.Span.Slice((int)offset, buffer.Length).CopyTo(buffer);
}
