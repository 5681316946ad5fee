namespace OverlayImg.Sandbox.Jobs;

/// <summary>Begin of a phase and how long it took.</summary>
/// <param name="Phase">Which.</param>
/// <param name="Duration">Until the next one began or the job ended.</param>
public readonly record struct PhaseTiming(JobPhase Phase, TimeSpan Duration)
{
    /// <summary>The phase's name in the protocol: "script", "post-umount".</summary>
    public string Name => Phase.Name();
}

/// <summary>What became of a job that the guest brought to an end.</summary>
public sealed record JobResult
{
    /// <summary>Exit status of the script that failed, 128 + n where signal n killed it; 0 when all succeeded.</summary>
    public required int Status { get; init; }

    /// <summary>Phase of the script that failed; null when all succeeded.</summary>
    public required JobPhase? FailedPhase { get; init; }

    /// <summary>Name of that phase, as the guest calls it; null when all succeeded.</summary>
    public string? FailedPhaseName => FailedPhase is { } phase ? phase.Name() : null;

    /// <summary>Whether the guest's out-of-memory killer was at work when the script failed.</summary>
    public required bool OutOfMemory { get; init; }

    /// <summary>Whether the upper disk had no blocks or inodes left when the script failed.</summary>
    public required bool NoSpace { get; init; }

    /// <summary>What has become of the caches, by their index in the job. A cache that is not here is in any state.</summary>
    public IReadOnlyDictionary<int, CacheState> Caches { get; init; } = new Dictionary<int, CacheState>();

    /// <summary>Time for plugging the disks, before the guest heard of the job.</summary>
    public required TimeSpan PluggingTime { get; init; }

    /// <summary>The phases in the order in which they came.</summary>
    public required IReadOnlyList<PhaseTiming> Phases { get; init; }

    /// <summary>When RESULT came, as <see cref="System.Diagnostics.Stopwatch"/> counts.</summary>
    public required long ResultAt { get; init; }

    /// <summary>The last lines of the scripts' output, ready to print.</summary>
    public required IReadOnlyList<string> LastLines { get; init; }
}
