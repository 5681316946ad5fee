using OverlayImg.Caching;
using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Images.Sessions;

/// <summary>
/// What every operation needs: the cache, a directory for temporary files, progress, the times of the phases, cancellation, and the owner of what is opened.
/// A part of an operation that needs another of these gets a copy of the session (<c>session with { ... }</c>).
/// </summary>
public sealed record Session
{
    private readonly Lazy<Cache> _cache;
    private readonly Lazy<ScratchDirectory> _scratch;

    /// <summary>Makes the session of one operation. Nothing is created on the disk yet.</summary>
    /// <param name="lifetime">Owns all that the operation opens.</param>
    /// <param name="cache">Finds the cache at its first use.</param>
    /// <param name="progress">Is told what goes on.</param>
    /// <param name="cancellationToken">Ends the operation.</param>
    public Session(Lifetime lifetime, Func<Cache> cache, IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        (Lifetime, Progress, CancellationToken) = (lifetime, progress, cancellationToken);
        _cache = new(cache);
        _scratch = new(() => lifetime.Own(ScratchDirectory.Create(Cache.PathOf("tmp"), setting: CacheSetting.Directory)));
    }

    /// <summary>The owner of all that the operation opens.</summary>
    public Lifetime Lifetime { get; init; }

    /// <summary>The cache.</summary>
    public Cache Cache => _cache.Value;

    /// <summary>The directory for temporary files, below the cache. The first use creates it.</summary>
    /// <exception cref="UnusableDirectoryException">The directory can't be created.</exception>
    public ScratchDirectory Scratch => _scratch.Value;

    /// <summary>Is told what goes on.</summary>
    public IProgress<BuildEvent> Progress { get; init; }

    /// <summary>Ends the operation.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Takes the times of the operation's phases.</summary>
    internal PhaseClock Clock { get; init; } = new();

    /// <summary>Tells the clock of the machine.</summary>
    internal TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Has the session's lifetime own <paramref name="resource"/>.</summary>
    internal T Own<T>(T resource) where T : IDisposable => Lifetime.Own(resource);

    /// <summary>Tells that a step begins.</summary>
    internal void Step(string text) => Progress.Report(new StepStarted(text));

    /// <summary>Tells of something that is not wrong.</summary>
    internal void Notice(string text, params IReadOnlyList<Setting> settings) => Progress.Report(new Notice(text, settings));

    /// <summary>Tells of something that is probably not what the user wanted.</summary>
    internal void Warn(string text, params IReadOnlyList<Setting> settings) => Progress.Report(new Warning(text, settings));

    /// <summary>Tells of several such things.</summary>
    internal void Warn(IEnumerable<string> texts)
    {
        foreach (var text in texts) Warn(text);
    }

    /// <summary>Begins a step of <paramref name="total"/> bytes, and gives the meter of its progress.</summary>
    internal StepMeter Meter(string text, long total)
    {
        Step(text);
        return new(text, total, Progress);
    }
}
