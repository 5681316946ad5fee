using OverlayImg.Caching;
using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Images.Sessions;

/// <summary>
/// The context of one operation: the cache, a directory for temporary files, the progress listener, the phase clock,
/// the cancellation token, and the owner of opened resources. A part of an operation that needs another token or
/// listener gets a copy (<c>session with { ... }</c>).
/// </summary>
public sealed record Session
{
    private readonly Lazy<Cache> _cache;
    private readonly Lazy<ScratchDirectory> _scratch;

    /// <summary>
    /// Makes the session of one operation. Nothing is created on the disk yet: <paramref name="cache"/> is called at
    /// the first use of the cache. The caller disposes of <paramref name="lifetime"/>.
    /// </summary>
    public Session(Lifetime lifetime, Func<Cache> cache, IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        (Lifetime, Progress, CancellationToken) = (lifetime, progress, cancellationToken);
        _cache = new(cache);
        _scratch = new(() => lifetime.Own(ScratchDirectory.Create(Cache.PathOf("tmp"), setting: CacheSetting.Directory)));
    }

    /// <summary>The owner of all resources that the operation opens.</summary>
    public Lifetime Lifetime { get; init; }

    /// <summary>The cache. The first use finds its directory.</summary>
    public Cache Cache => _cache.Value;

    /// <summary>The directory for temporary files, below the cache. The first use creates it.</summary>
    /// <exception cref="UnusableDirectoryException">The directory can't be created.</exception>
    public ScratchDirectory Scratch => _scratch.Value;

    /// <summary>The listener that receives the operation's events.</summary>
    public IProgress<BuildEvent> Progress { get; init; }

    /// <summary>The token that cancels the operation.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>The clock that measures the operation's phases.</summary>
    internal PhaseClock Clock { get; init; } = new();

    /// <summary>The source of the current time. Tests replace it.</summary>
    internal TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Makes the session's lifetime the owner of <paramref name="resource"/>, and returns the resource.</summary>
    internal T Own<T>(T resource) where T : IDisposable => Lifetime.Own(resource);

    /// <summary>Reports the beginning of a step.</summary>
    internal void Step(string text) => Progress.Report(new StepStarted(text));

    /// <summary>Reports a <see cref="Sessions.Notice"/>.</summary>
    internal void Notice(string text, params IReadOnlyList<Setting> settings) => Progress.Report(new Notice(text, settings));

    /// <summary>Reports a <see cref="Warning"/>.</summary>
    internal void Warn(string text, params IReadOnlyList<Setting> settings) => Progress.Report(new Warning(text, settings));

    /// <summary>Reports several warnings.</summary>
    internal void Warn(IEnumerable<string> texts)
    {
        foreach (var text in texts) Warn(text);
    }

    /// <summary>Reports the beginning of a step of <paramref name="total"/> bytes, and returns the meter for its progress.</summary>
    /// <param name="text">The description of the step.</param>
    /// <param name="total">Number of bytes.</param>
    /// <param name="alongside">Whether the steps that run now continue.</param>
    internal StepMeter Meter(string text, long total, bool alongside = false)
    {
        Progress.Report(new StepStarted(text, alongside));
        return new(text, total, Progress);
    }
}
