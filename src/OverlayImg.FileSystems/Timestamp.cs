namespace OverlayImg.FileSystems;

/// <summary>A moment as file systems keep it.</summary>
/// <param name="Seconds">Seconds since 1970-01-01T00:00:00Z, negative before.</param>
/// <param name="Nanoseconds">0 to 999,999,999, counted forward from <paramref name="Seconds"/> also before 1970.</param>
public readonly record struct Timestamp(long Seconds, int Nanoseconds = 0);
