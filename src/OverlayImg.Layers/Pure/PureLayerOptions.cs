using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Layers.Contents;
using OverlayImg.Layers.LayerClosures;
using OverlayImg.Layers.Ready;
using OverlayImg.Layers.Scripts;

namespace OverlayImg.Layers.Pure;

/// <summary>A layer from the user's own files alone (dockerTools' mkPureLayer; spec dockertools, 1.9).</summary>
public sealed record PureLayerOptions
{
    /// <summary>Directories and tarballs.</summary>
    public LayerContents Contents { get; init; } = LayerContents.None;

    /// <summary>Runs with the layer's root as current directory, in a copy of the contents; null for none.</summary>
    public Script? ExtraCommands { get; init; }

    /// <summary>The defaults of owners, hard links and the root directory.</summary>
    public Dialect Dialect { get; init; } = Dialect.Dockerfile;

    /// <summary>Whether the contents are a root file system that is to be divided.</summary>
    public bool ContentsAreRootFileSystem { get; init; }

    /// <summary>Owner of what the contents add; null for the dialect's default.</summary>
    public uint? Uid { get; init; }

    /// <summary>Group of what the contents add; null for the dialect's default.</summary>
    public uint? Gid { get; init; }

    /// <summary>The store paths that belong to the layer; null for none.</summary>
    internal LayerClosure? Closure { get; init; }

    /// <summary>What is added where neither the contents nor the base image have it.</summary>
    public ReadyContents Ready { get; init; }

    /// <summary>Whether the layer carries extended attributes.</summary>
    public bool KeepExtendedAttributes { get; init; } = true;

    /// <summary>The most that the files of a layer may add up to, in bytes, holes included.</summary>
    public long MaximumSize { get; init; } = TarWriterOptions.DefaultMaximumSize;

    /// <summary>The time of every file in the layer.</summary>
    public Timestamp FileTime { get; init; } = new(1);
}
