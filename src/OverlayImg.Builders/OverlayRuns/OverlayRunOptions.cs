using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Sandbox;

namespace OverlayImg.Builders;

/// <summary>Files of the host that go to the layer before any script runs.</summary>
/// <param name="Paths">Directories and tarballs; later ones win.</param>
/// <param name="KeepDirlinks">rsync's -K: symbolic links to directories stay links.</param>
/// <param name="StoreDirectory">Links into this directory may become directories even though they leave the contents.</param>
public sealed record LayerContents(IReadOnlyList<string> Paths, bool KeepDirlinks, string StoreDirectory)
{
    /// <summary>Whether the files of contents that lie in the store become links there, as nixpkgs' symlinkJoin makes them.</summary>
    public bool LinksIntoStore { get; init; }

    /// <summary>None.</summary>
    public static LayerContents None { get; } = new([], false, "/nix/store");
}

/// <summary>The scripts of a run, in the order in which they run; those that are null are left out.</summary>
public sealed record RunScripts
{
    /// <summary>Before the overlay is mounted.</summary>
    public Script? PreMount { get; init; }

    /// <summary>Whether the guest's shadow-setup runs before <see cref="RunAsRoot"/>.</summary>
    public bool ShadowSetup { get; init; }

    /// <summary>In the image's root, as root.</summary>
    public Script? RunAsRoot { get; init; }

    /// <summary>While the overlay is mounted.</summary>
    public Script? PostMount { get; init; }

    /// <summary>After it is unmounted, in the new layer's root.</summary>
    public Script? ExtraCommands { get; init; }

    /// <summary>After it is unmounted, as root, with the new layer as root directory.</summary>
    public Script? FakeRootCommands { get; init; }

    /// <summary>After it is unmounted.</summary>
    public Script? PostUmount { get; init; }
}

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

    /// <summary>Whether the guest starts from one that a former run saved, and is saved for later runs where there is none.</summary>
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

/// <summary>Scripts around the mounted overlay of a base image's layers; what they did becomes a new layer.</summary>
public record GuestLayerOptions
{
    /// <summary>The base image; null to start from nothing.</summary>
    public BaseImageChoice? From { get; init; }

    /// <summary>Files that are in the layer from the start.</summary>
    public LayerContents Contents { get; init; } = LayerContents.None;

    /// <summary>The defaults of owners, hard links and the root directory of contents.</summary>
    public Dialect Dialect { get; init; } = Dialect.Dockerfile;

    /// <summary>Files that the tool has ready, where neither the contents nor the base image have them.</summary>
    public ReadyContents Ready { get; init; }

    /// <summary>The store paths that belong to the layer; null for none.</summary>
    internal LayerClosure? Closure { get; init; }

    /// <summary>The files of the layer before its scripts run, in place of contents and ready files. Null to read contents.</summary>
    public FileTree? Tree { get; init; }

    /// <summary>What to run.</summary>
    public required RunScripts Scripts { get; init; }

    /// <summary>Where to run it.</summary>
    public GuestSettings Guest { get; init; } = new();

    /// <summary>Whether the layer carries extended attributes.</summary>
    public bool KeepExtendedAttributes { get; init; } = true;

    /// <summary>The most that the files of a layer may add up to, in bytes, holes included.</summary>
    public long MaximumSize { get; init; } = TarWriterOptions.DefaultMaximumSize;

    /// <summary>The time of every file in the layer.</summary>
    public Timestamp FileTime { get; init; } = new(1);

    /// <summary>Whether the layer is made twice, and refused where the two differ.</summary>
    public bool Check { get; init; }
}

/// <summary>A run that makes a layer directory.</summary>
public sealed record OverlayRunOptions : GuestLayerOptions
{
    /// <summary>The layer directory to make.</summary>
    public required string OutputDirectory { get; init; }

    /// <summary>Where the tar of what hooks left in <c>out</c> goes; null for nowhere.</summary>
    public string? OutFile { get; init; }

    /// <summary>What the layer's json starts from; null for the default.</summary>
    public string? BaseJson { get; init; }

    /// <summary>A file that names the store paths of the layer; null for those that contents, the layer's json and the results of scripts refer to.</summary>
    public string? ClosureFile { get; init; }
}
