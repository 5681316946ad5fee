namespace OverlayImg.FileSystems;

/// <summary>A point in time with the resolution of file systems.</summary>
/// <param name="Seconds">Seconds since 1970-01-01T00:00:00Z, negative before.</param>
/// <param name="Nanoseconds">0 to 999,999,999, added to <paramref name="Seconds"/> for times before 1970, too.</param>
public readonly record struct Timestamp(long Seconds, int Nanoseconds = 0);
