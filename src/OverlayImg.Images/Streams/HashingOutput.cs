using System.Security.Cryptography;
using OverlayImg.Images.Digests;

namespace OverlayImg.Images.Streams;

/// <summary>Hashes what is written through it.</summary>
internal sealed class HashingOutput(Stream inner) : WriteOnlyStream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _length;

    /// <summary>Bytes written so far.</summary>
    public override long Length => _length;

    /// <summary>The digest of all that was written; to be asked for once.</summary>
    public Digest Digest() => Digests.Digest.FromHash(_hash.GetHashAndReset());

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        inner.Write(buffer);
        _hash.AppendData(buffer);
        _length += buffer.Length;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            _hash.Dispose();
        }

        base.Dispose(disposing);
    }
}
