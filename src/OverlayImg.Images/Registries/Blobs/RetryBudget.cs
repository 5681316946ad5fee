using OverlayImg.Images.Registries.Options;

namespace OverlayImg.Images.Registries.Blobs;

/// <summary>
/// Counts the failures of a transfer that made no progress. Progress is what goes beyond the furthest byte so far: a transfer that restarts from
/// the first byte and breaks off at the same byte each time would otherwise never end.
/// </summary>
internal sealed class RetryBudget(RegistryLimits limits)
{
    private long _furthest;

    /// <summary>How often in a row the transfer broke off without progress.</summary>
    public int FailuresInARow { get; private set; }

    /// <summary>Counts a failure. Whether the transfer is worth another try.</summary>
    /// <param name="position">Bytes that were there when the transfer broke off.</param>
    public bool TryRetry(long position)
    {
        if (position - _furthest >= limits.Progress) (FailuresInARow, _furthest) = (0, position);
        return FailuresInARow++ < limits.Reconnects;
    }
}
