using OverlayImg.Images.Streams;

namespace OverlayImg.Images.Compression;

/// <summary>What a layer unpacks to, up to a limit; tells afterwards whether it was the data that failed, and not what was made of it.</summary>
/// <param name="inner">The unpacked data.</param>
/// <param name="limit">More bytes than this are a bomb.</param>
/// <param name="where">For messages.</param>
internal sealed class GuardedStream(Stream inner, long limit, InputLocation where) : ForwardStream
{
    private long _count;

    /// <summary>Whether reading failed.</summary>
    public bool HasFailed { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        try
        {
            var count = inner.Read(buffer);
            _count += count;
            if (_count <= limit) return count;
            throw new InputException($"unpacks to more than {limit} bytes, far more than data of its size does", where);
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
