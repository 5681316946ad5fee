using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Guests;

namespace OverlayImg.Builders.LayerDirectories;

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

/// <summary>A result that scripts may have had a part in.</summary>
public interface IScriptedResult
{
    /// <summary>The run of the scripts in a guest; null where there was none.</summary>
    GuestRun? Run { get; }
}
