using OverlayImg.FileSystems;

namespace OverlayImg.Images.Streams;

/// <summary>Passes reads on to another content, and reports the number of bytes of each.</summary>
internal sealed class MeteredContent(FileContent inner, IProgress<int> read) : FileContent
{
    /// <inheritdoc/>
    public override long Length => inner.Length;

    /// <inheritdoc/>
    public override IEnumerable<DataExtent> DataExtents => inner.DataExtents;

    /// <inheritdoc/>
    protected override void ReadCore(long offset, Span<byte> buffer)
    {
        inner.Read(offset, buffer);
        read.Report(buffer.Length);
    }
}
