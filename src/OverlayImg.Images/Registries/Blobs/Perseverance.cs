namespace OverlayImg.Images;

/// <summary>
/// Counts how often a transfer broke off without having got further. Only what goes beyond the furthest point so far is progress: who begins anew, and breaks off at the
/// same point each time, would never come to an end.
/// </summary>
internal sealed class Perseverance(RegistryLimits limits)
{
    private long _furthest;

    /// <summary>How often in a row it broke off so.</summary>
    public int Fruitless { get; private set; }

    /// <summary>Whether a transfer that broke off is worth another try.</summary>
    /// <param name="position">Bytes that were there when it did.</param>
    public bool GoesOn(long position)
    {
        if (position - _furthest >= limits.Progress) (Fruitless, _furthest) = (0, position);
        return Fruitless++ < limits.Reconnects;
    }
}
