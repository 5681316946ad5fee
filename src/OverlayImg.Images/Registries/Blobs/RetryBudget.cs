using OverlayImg.Images.Registries.Options;

namespace OverlayImg.Images.Registries.Blobs;

/// <summary>
/// Counts the failures of a transfer without progress. Only bytes beyond the furthest position so far count as
/// progress. Otherwise a transfer that restarts at the first byte and always breaks off at the same byte would never
/// end.
/// </summary>
internal sealed class RetryBudget(RegistryLimits limits)
{
    private long _furthest;

    /// <summary>Number of failures since the last progress.</summary>
    public int FailuresInARow { get; private set; }

    /// <summary>Counts a failure, and returns whether another attempt is allowed.</summary>
    /// <param name="position">Number of bytes transferred when the transfer broke off.</param>
    public bool TryRetry(long position)
    {
        if (position - _furthest >= limits.Progress) (FailuresInARow, _furthest) = (0, position);
        return FailuresInARow++ < limits.Reconnects;
    }
}
