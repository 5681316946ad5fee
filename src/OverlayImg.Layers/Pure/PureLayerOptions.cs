using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Layers.Contents;
using OverlayImg.Layers.LayerClosures;
using OverlayImg.Layers.Ready;
using OverlayImg.Layers.Scripts;

namespace OverlayImg.Layers.Pure;

/// <summary>Options of a layer that is made from the user's files without a guest (dockerTools' mkPureLayer).</summary>
public sealed record PureLayerOptions
{
    /// <summary>The directories and tarballs of the layer.</summary>
    public LayerContents Contents { get; init; } = LayerContents.None;

    /// <summary>
    /// Script that runs on the host in a copy of the contents, with the layer's root as working directory; null for none.
    /// </summary>
    public Script? ExtraCommands { get; init; }

    /// <summary>The defaults for owners, hard links and the root directory.</summary>
    public Dialect Dialect { get; init; } = Dialect.Dockerfile;

    /// <summary>Whether the contents are a root file system that is divided into layers.</summary>
    public bool ContentsAreRootFileSystem { get; init; }

    /// <summary>User ID of the files that the contents add; null for the dialect's default.</summary>
    public uint? Uid { get; init; }

    /// <summary>Group ID of the files that the contents add; null for the dialect's default.</summary>
    public uint? Gid { get; init; }

    /// <summary>The store paths that belong to the layer; null for none.</summary>
    internal LayerClosure? Closure { get; init; }

    /// <summary>Ready-made files that are added if neither the contents nor the base image have them.</summary>
    public ReadyContents Ready { get; init; }

    /// <summary>Whether the layer keeps extended attributes.</summary>
    public bool KeepExtendedAttributes { get; init; } = true;

    /// <summary>The largest total size of the layer's files in bytes, holes included.</summary>
    public long MaximumSize { get; init; } = TarWriterOptions.DefaultMaximumSize;

    /// <summary>The modification time of every file in the layer.</summary>
    public Timestamp FileTime { get; init; } = new(1);
}
