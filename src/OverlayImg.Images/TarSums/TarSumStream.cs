using OverlayImg.Images.Streams;

namespace OverlayImg.Images.TarSums;

/// <summary>A write-only stream that computes the TarSum of the written tar archive on another thread.</summary>
/// <remarks>Complete returns the <see cref="TarSum"/>, or throws <see cref="InputException"/> for an invalid archive.</remarks>
public sealed class TarSumStream(InputLocation where, CancellationToken cancellationToken)
    : ParallelReader<string>((archive, token) => TarSum.Compute(archive, where, token), cancellationToken);
