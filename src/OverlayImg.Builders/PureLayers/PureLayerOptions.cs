using OverlayImg.FileSystems;

namespace OverlayImg.Builders;

/// <summary>A layer from the user's own files alone (dockerTools' mkPureLayer; spec dockertools, 1.9).</summary>
public sealed record PureLayerOptions
{
    /// <summary>Directories and tarballs.</summary>
    public LayerContents Contents { get; init; } = LayerContents.None;

    /// <summary>Runs with the layer's root as current directory, in a copy of the contents; null for none.</summary>
    public Script? ExtraCommands { get; init; }

    /// <summary>Owner of every entry.</summary>
    public uint Uid { get; init; }

    /// <summary>Group of every entry.</summary>
    public uint Gid { get; init; }

    /// <summary>What is added where neither the contents nor the base image have it.</summary>
    public ReadyContents Ready { get; init; }

    /// <summary>Whether the layer carries extended attributes.</summary>
    public bool KeepExtendedAttributes { get; init; } = true;

    /// <summary>The time of every file in the layer.</summary>
    public Timestamp FileTime { get; init; } = new(1);
}
