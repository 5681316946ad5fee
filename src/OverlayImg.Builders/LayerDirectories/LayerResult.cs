namespace OverlayImg.Builders;

/// <summary>A new layer that was written.</summary>
public sealed record LayerResult
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

    /// <summary>The run that made it.</summary>
    public required RunSummary Run { get; init; }
}

/// <summary>What is worth knowing of the guest that ran.</summary>
/// <param name="Accelerator">"kvm" or "tcg".</param>
/// <param name="Network">Whether scripts had a network, so that the result may depend on more than the inputs.</param>
/// <param name="BaseImage">Name of the base image, or null.</param>
/// <param name="ParentLayers">Number of parent layers.</param>
/// <param name="OutFile">The tar of what hooks left in <c>out</c>, or null.</param>
/// <param name="Phases">What took how long, in order.</param>
public sealed record RunSummary(
    string Accelerator, bool Network, string? BaseImage, int ParentLayers, string? OutFile, IReadOnlyList<PhaseTime> Phases);

/// <summary>How long a phase took.</summary>
public sealed record PhaseTime(string Name, TimeSpan Duration);
