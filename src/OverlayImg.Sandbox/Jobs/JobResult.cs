namespace OverlayImg.Sandbox.Jobs;

/// <summary>Duration of a phase.</summary>
/// <param name="Phase">The phase.</param>
/// <param name="Duration">Time until the next phase began or the job ended.</param>
public readonly record struct PhaseTiming(JobPhase Phase, TimeSpan Duration)
{
    /// <summary>The phase's name in the protocol: "script", "post-umount".</summary>
    public string Name => Phase.Name();
}

/// <summary>Result of a job whose guest sent RESULT ok or RESULT failed.</summary>
public sealed record JobResult
{
    /// <summary>Exit status of the script that failed (128 + n for signal n); 0 if all scripts succeeded.</summary>
    public required int Status { get; init; }

    /// <summary>Phase of the script that failed; null if all scripts succeeded.</summary>
    public required JobPhase? FailedPhase { get; init; }

    /// <summary>The script that failed; null if all scripts succeeded, and for a script on the host.</summary>
    public FailedScript? FailedScript { get; init; }

    /// <summary>The protocol's name of <see cref="FailedPhase"/>; null if all scripts succeeded.</summary>
    public string? FailedPhaseName => FailedPhase is { } phase ? phase.Name() : null;

    /// <summary>Whether the guest's out-of-memory killer killed a process while the failed script ran.</summary>
    public required bool OutOfMemory { get; init; }

    /// <summary>Whether the upper disk ran out of blocks or inodes while the failed script ran.</summary>
    public required bool NoSpace { get; init; }

    /// <summary>States of the caches, by their index in the job. Nothing is known about a cache that is missing here.</summary>
    public IReadOnlyDictionary<int, CacheState> Caches { get; init; } = new Dictionary<int, CacheState>();

    /// <summary>Time for attaching the disks to QEMU, before the guest received the job.</summary>
    public required TimeSpan PluggingTime { get; init; }

    /// <summary>The phases in their order.</summary>
    public required IReadOnlyList<PhaseTiming> Phases { get; init; }

    /// <summary>Time of RESULT, as a <see cref="System.Diagnostics.Stopwatch"/> timestamp.</summary>
    public required long ResultAt { get; init; }

    /// <summary>The last lines of the scripts' output, escaped for display.</summary>
    public required IReadOnlyList<string> LastLines { get; init; }
}
