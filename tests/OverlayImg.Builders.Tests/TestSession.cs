using OverlayImg.Images.Sessions;

namespace OverlayImg.Builders.Tests;

/// <summary>Sessions with a cache in the directory of a test.</summary>
internal static class TestSession
{
    /// <summary>Creates a session. The test owns the session's lifetime.</summary>
    public static Session Of(
        Lifetime lifetime, string cache, IProgress<BuildEvent>? progress = null, CancellationToken cancellationToken = default) =>
        new(lifetime, () => new(cache), progress ?? NullProgress<BuildEvent>.Instance, cancellationToken);

    /// <summary>Runs <paramref name="operation"/> in a new session, as a command of the tool does.</summary>
    public static async Task<T> RunAsync<T>(
        string cache, Func<Session, Task<T>> operation, IProgress<BuildEvent>? progress = null, CancellationToken cancellationToken = default)
    {
        using var lifetime = new Lifetime();
        return await operation(Of(lifetime, cache, progress, cancellationToken));
    }
}
