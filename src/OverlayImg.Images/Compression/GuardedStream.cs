using OverlayImg.Images.Streams;

namespace OverlayImg.Images.Compression;

/// <summary>
/// Decompressed data with a size limit. Errors of reading are recorded, to tell them from errors of the data's user.
/// </summary>
/// <param name="inner">The decompressed data.</param>
/// <param name="limit">The most bytes; more are a decompression bomb.</param>
internal sealed class GuardedStream(Stream inner, long limit, InputLocation where) : ForwardStream
{
    private long _count;

    public bool HasFailed { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        try
        {
            var count = inner.Read(buffer);
            _count += count;
            if (_count <= limit) return count;
            throw new InputException($"decompresses to more than {limit} bytes, far more than expected for its size", where);
        }
        catch (InputException)
        {
            HasFailed = true;
            throw;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }
}
