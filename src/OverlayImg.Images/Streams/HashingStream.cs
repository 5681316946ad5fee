using System.Security.Cryptography;
using OverlayImg.Images.Digests;

namespace OverlayImg.Images.Streams;

/// <summary>Passes reads on to another stream, which it owns, and hashes and counts the bytes.</summary>
internal sealed class HashingStream(Stream inner, IProgress<int>? read = null) : ForwardStream
{
    private const int BufferSize = 1 << 20;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public long Count { get; private set; }

    /// <summary>Reads to the end, because bytes that a format's reader leaves unread belong to the blob, too.</summary>
    public void Drain(CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferSize];
        while (Read(buffer) > 0) cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Returns the digest of all bytes read, and resets the hash: call it once.</summary>
    public Digest Digest() => Digests.Digest.FromHash(_hash.GetHashAndReset());

    public override int Read(Span<byte> buffer)
    {
        var count = inner.Read(buffer);
        _hash.AppendData(buffer[..count]);
        Count += count;
        if (count > 0) read?.Report(count);
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
