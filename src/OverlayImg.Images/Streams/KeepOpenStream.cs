namespace OverlayImg.Images.Streams;

/// <summary>A stream for a reader that disposes of what it reads, where somebody else still needs that.</summary>
internal sealed class KeepOpenStream(Stream inner) : ForwardStream
{
    public override int Read(Span<byte> buffer) => inner.Read(buffer);
}
