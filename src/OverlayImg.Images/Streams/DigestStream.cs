using OverlayImg.Images.Digests;

namespace OverlayImg.Images.Streams;

/// <summary>Takes bytes as they are written, and gives their SHA-256, computed beside.</summary>
/// <param name="cancellationToken">Ends the work.</param>
public sealed class DigestStream(CancellationToken cancellationToken) : ParallelReader<Digest>(Compute, cancellationToken)
{
    private static Digest Compute(Stream bytes, CancellationToken cancellationToken)
    {
        using var hashing = new HashingStream(bytes);
        hashing.Drain(cancellationToken);
        return hashing.Digest();
    }
}
