namespace OverlayImg.Builders.Tests;

/// <summary>A clock that shows the time when it was made, however long the test takes, until the test sets it.</summary>
public sealed class StoppedClock : TimeProvider
{
    public DateTimeOffset Now { get; set; } = DateTimeOffset.UtcNow;

    public override DateTimeOffset GetUtcNow() => Now;
}
