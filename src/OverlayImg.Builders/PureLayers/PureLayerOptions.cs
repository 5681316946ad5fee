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

    /// <summary>The store paths that belong to the layer; null for none.</summary>
    internal LayerClosure? Closure { get; init; }

    /// <summary>What is added where neither the contents nor the base image have it.</summary>
    public ReadyContents Ready { get; init; }

    /// <summary>Whether the layer carries extended attributes.</summary>
    public bool KeepExtendedAttributes { get; init; } = true;

    /// <summary>
    /// Whether the root stays as the base image has it: it is what contents go into, and no part of them. The seeds give it the mode of the contents'
    /// directory, writable for the group, and so change the base's root.
    /// </summary>
    public bool KeepsBaseRoot { get; init; } = true;

    /// <summary>The time of every file in the layer.</summary>
    public Timestamp FileTime { get; init; } = new(1);
}
