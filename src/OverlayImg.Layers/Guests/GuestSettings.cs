using OverlayImg.Sandbox.Accelerators;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Layers.Guests;

/// <summary>Settings and limits of the guest.</summary>
public sealed record GuestSettings
{
    /// <summary>Size of the upper disk in bytes.</summary>
    public long DiskSize { get; init; } = 8L << 30;

    /// <summary>Memory of the guest in MiB.</summary>
    public int MemoryMiB { get; init; } = 512;

    /// <summary>Number of the guest's processors.</summary>
    public int Cpus { get; init; } = 1;

    /// <summary>The accelerator that executes the guest's code.</summary>
    public AcceleratorChoice Accelerator { get; init; }

    /// <summary>Time limit of the whole run, from reading the inputs to packing the layer; null for none.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The end of the time limit; null before the run begins.</summary>
    internal RunDeadline? Deadline { get; init; }

    /// <summary>Time limit until the guest is READY; null for the accelerator's default.</summary>
    public TimeSpan? BootTimeout { get; init; }

    /// <summary>Whether the guest starts from a snapshot. If there is none, the guest boots and is saved for later runs.</summary>
    public bool WarmStart { get; init; } = true;

    /// <summary>
    /// Whether the result of an earlier run with the same inputs is reused, and a new result is stored. Excludes a check.
    /// </summary>
    public bool Reuse { get; init; }

    /// <summary>Whether <see cref="Reuse"/> holds for runs with a network, too.</summary>
    public bool ReuseWithNetwork { get; init; }

    /// <summary>Whether scripts have a network.</summary>
    public bool Network { get; init; }

    /// <summary>Files and directories of the host that scripts see.</summary>
    public IReadOnlyList<HostMount> Mounts { get; init; } = [];

    /// <summary>Cache mounts. Names and targets must be unique.</summary>
    public IReadOnlyList<CacheMount> CacheMounts { get; init; } = [];

    /// <summary>Secrets that scripts see. Names must be unique.</summary>
    public IReadOnlyList<GuestSecret> Secrets { get; init; } = [];

    /// <summary>Environment variables of the scripts.</summary>
    public IReadOnlyList<EnvironmentVariable> Environment { get; init; } = [];
}
