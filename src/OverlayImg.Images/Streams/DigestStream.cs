using OverlayImg.Images.Digests;

namespace OverlayImg.Images.Streams;

/// <summary>A write-only stream that computes the SHA-256 of the written bytes on another thread.</summary>
public sealed class DigestStream(CancellationToken cancellationToken) : ParallelReader<Digest>(Compute, cancellationToken)
{
    private static Digest Compute(Stream bytes, CancellationToken cancellationToken)
    {
        using var hashing = new HashingStream(bytes);
        hashing.Drain(cancellationToken);
        return hashing.Digest();
    }
}
