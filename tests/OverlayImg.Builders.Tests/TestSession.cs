using OverlayImg.Images.Sessions;

namespace OverlayImg.Builders.Tests;

/// <summary>Sessions whose cache lies in the directory of a test.</summary>
internal static class TestSession
{
    /// <summary>A session; the test owns its lifetime.</summary>
    public static Session Of(Lifetime lifetime, string cache, IProgress<BuildEvent>? progress = null, CancellationToken cancellationToken = default) =>
        new(lifetime, () => new(cache), progress ?? NullProgress<BuildEvent>.Instance, cancellationToken);

    /// <summary>Does <paramref name="operation"/> in a session of its own, as a verb does.</summary>
    public static async Task<T> RunAsync<T>(
        string cache, Func<Session, Task<T>> operation, IProgress<BuildEvent>? progress = null, CancellationToken cancellationToken = default)
    {
        using var lifetime = new Lifetime();
        return await operation(Of(lifetime, cache, progress, cancellationToken));
    }
}
