using System.Security.Cryptography;
using OverlayImg.Images.Digests;

namespace OverlayImg.Images.Streams;

/// <summary>Passes writes on to another stream, which it owns, and hashes and counts the bytes.</summary>
internal sealed class HashingOutput(Stream inner) : WriteOnlyStream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _length;

    public override long Length => _length;

    /// <summary>Returns the digest of all bytes written, and resets the hash: call it once.</summary>
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
