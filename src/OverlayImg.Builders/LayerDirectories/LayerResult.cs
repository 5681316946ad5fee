using OverlayImg.Images.Overlay;
using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Guests;

namespace OverlayImg.Builders.LayerDirectories;

/// <summary>The result of a verb that writes a layer directory.</summary>
public sealed record LayerResult : IScriptedResult
{
    /// <summary>Path of the directory with layer.tar, json and VERSION.</summary>
    public required string Directory { get; init; }

    /// <summary>SHA-256 of layer.tar, as "sha256:" and hexadecimal digits.</summary>
    public required string DiffId { get; init; }

    /// <summary>TarSum of layer.tar, as "tarsum.v1+sha256:" and hexadecimal digits.</summary>
    public required string Checksum { get; init; }

    /// <summary>Size of layer.tar in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Number of entries in layer.tar, whiteouts included.</summary>
    public required int Entries { get; init; }

    /// <summary>Number of whiteouts, which mark deleted paths of the base image.</summary>
    public required int Whiteouts { get; init; }

    /// <summary>What the layer changes in the base image.</summary>
    public required LayerChanges Changes { get; init; }

    /// <summary>Name of the base image; null without a base image.</summary>
    public string? BaseImage { get; init; }

    /// <summary>Number of layers of the base image.</summary>
    public int ParentLayers { get; init; }

    /// <summary>The durations of the phases, in their order.</summary>
    public required IReadOnlyList<PhaseTime> Phases { get; init; }

    /// <summary>The run of the guest that made the layer; null if no guest ran.</summary>
    public GuestRun? Run { get; init; }
}

/// <summary>A result that may come from scripts in a guest.</summary>
public interface IScriptedResult
{
    /// <summary>The run of the scripts in a guest; null if no guest ran.</summary>
    GuestRun? Run { get; }
}
