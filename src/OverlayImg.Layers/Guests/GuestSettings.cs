using OverlayImg.Sandbox.Accelerators;

namespace OverlayImg.Layers.Guests;

/// <summary>The guest and its bounds.</summary>
public sealed record GuestSettings
{
    /// <summary>Size of the upper disk in bytes.</summary>
    public long DiskSize { get; init; } = 8L << 30;

    /// <summary>Memory in MiB.</summary>
    public int MemoryMiB { get; init; } = 512;

    /// <summary>Processors.</summary>
    public int Cpus { get; init; } = 1;

    /// <summary>What executes the guest's code.</summary>
    public AcceleratorChoice Accelerator { get; init; }

    /// <summary>How long the whole run may take, from reading the inputs to the packed layer; null for no limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The end of that time; null as long as the run has not begun.</summary>
    internal RunDeadline? Deadline { get; init; }

    /// <summary>How long the guest may take to be READY; null for the accelerator's own.</summary>
    public TimeSpan? BootTimeout { get; init; }

    /// <summary>Whether the guest starts from the saved state of a former guest. If no state is saved, the guest boots, and its state is saved for later runs.</summary>
    public bool WarmStart { get; init; } = true;

    /// <summary>Whether the result of a former run of the same inputs is taken, and that of a new run kept. Not together with a check.</summary>
    public bool Reuse { get; init; }

    /// <summary>Whether scripts have a network.</summary>
    public bool Network { get; init; }

    /// <summary>Host directories shown to the scripts.</summary>
    public IReadOnlyList<HostMount> Mounts { get; init; } = [];

    /// <summary>Directories of the cache that the scripts can write. Names and targets differ.</summary>
    public IReadOnlyList<CacheMount> CacheMounts { get; init; } = [];

    /// <summary>Variables of the scripts.</summary>
    public IReadOnlyList<EnvironmentVariable> Environment { get; init; } = [];
}
