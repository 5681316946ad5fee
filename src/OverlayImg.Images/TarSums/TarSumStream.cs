using OverlayImg.Images.Streams;

namespace OverlayImg.Images.TarSums;

/// <summary>Takes a tar archive as it is written, and sums it beside.</summary>
/// <param name="where">What errors call the archive.</param>
/// <param name="cancellationToken">Ends the work.</param>
/// <remarks>Complete gives what <see cref="TarSum"/> does, or says (<see cref="InputException"/>) why it is no valid archive.</remarks>
public sealed class TarSumStream(InputLocation where, CancellationToken cancellationToken)
    : ParallelReader<string>((archive, token) => TarSum.Compute(archive, where, token), cancellationToken);
