using System.Security.Cryptography;
using OverlayImg.Images.Digests;

namespace OverlayImg.Images.Streams;

/// <summary>Hashes and counts what is read through it.</summary>
internal sealed class HashingStream(Stream inner, IProgress<int>? read = null) : ForwardStream
{
    private const int BufferSize = 1 << 20;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Bytes read so far.</summary>
    public long Count { get; private set; }

    /// <summary>Reads to the end: what a format's reader leaves belongs to the blob all the same.</summary>
    public void Drain(CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferSize];
        while (Read(buffer) > 0) cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>The digest of all that was read; to be asked for once.</summary>
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
