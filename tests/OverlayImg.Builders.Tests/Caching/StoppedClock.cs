namespace OverlayImg.Builders.Tests;

/// <summary>A clock that shows the time of its creation until the test sets another time.</summary>
public sealed class StoppedClock : TimeProvider
{
    public DateTimeOffset Now { get; set; } = DateTimeOffset.UtcNow;

    public override DateTimeOffset GetUtcNow() => Now;
}
