namespace OverlayImg.Images.Streams;

/// <summary>A stream that keeps its inner stream open, for readers that dispose of their input.</summary>
internal sealed class KeepOpenStream(Stream inner) : ForwardStream
{
    public override int Read(Span<byte> buffer) => inner.Read(buffer);
}
