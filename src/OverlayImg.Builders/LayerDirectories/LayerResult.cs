namespace OverlayImg.Builders;

/// <summary>A new layer that was written.</summary>
public sealed record LayerResult : IScriptedResult
{
    /// <summary>The directory with layer.tar, json and VERSION.</summary>
    public required string Directory { get; init; }

    /// <summary>"sha256:..." of layer.tar.</summary>
    public required string DiffId { get; init; }

    /// <summary>"tarsum.v1+sha256:..." of layer.tar.</summary>
    public required string Checksum { get; init; }

    /// <summary>Size of layer.tar in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Number of entries in layer.tar, whiteouts among them.</summary>
    public required int Entries { get; init; }

    /// <summary>Number of whiteouts: paths of the base image that are gone.</summary>
    public required int Whiteouts { get; init; }

    /// <summary>Name of the base image, or null.</summary>
    public string? BaseImage { get; init; }

    /// <summary>Number of parent layers.</summary>
    public int ParentLayers { get; init; }

    /// <summary>What took how long, in order.</summary>
    public required IReadOnlyList<PhaseTime> Phases { get; init; }

    /// <summary>The run in a guest that made it; null for a pure layer.</summary>
    public GuestRun? Run { get; init; }
}

/// <summary>How a guest came to be READY.</summary>
public enum GuestStart
{
    /// <summary>It booted.</summary>
    Cold,

    /// <summary>It went on from a guest that was saved before.</summary>
    Warm,

    /// <summary>There was none: the result of a former run was reused.</summary>
    None,
}

/// <summary>What is worth knowing of the guest that ran, now or when the result was made.</summary>
/// <param name="Accelerator">"kvm" or "tcg".</param>
/// <param name="Start">How it started.</param>
/// <param name="Mounted">Whether it had the base image mounted already when it was saved.</param>
/// <param name="Network">Whether scripts had a network, so that the result may depend on more than the inputs.</param>
/// <param name="OutFile">The tar of what hooks left in <c>out</c>, or null.</param>
public sealed record GuestRun(string Accelerator, GuestStart Start, bool Mounted, bool Network, string? OutFile)
{
    /// <summary>Whether the user asked for TCG, so that KVM was not tried.</summary>
    public bool TcgWasChosen { get; init; }

    /// <summary>Whether the scripts had directories of the cache, which keep what they download.</summary>
    public bool HasCacheMounts { get; init; }

    /// <summary>How long the scripts took; zero where the result of a former run was reused.</summary>
    public TimeSpan ScriptTime { get; init; }
}

/// <summary>A result that scripts may have had a part in.</summary>
public interface IScriptedResult
{
    /// <summary>The run of the scripts in a guest; null where there was none.</summary>
    GuestRun? Run { get; }
}

/// <summary>How long a phase took.</summary>
public sealed record PhaseTime(string Name, TimeSpan Duration);
