using System.Text.Json.Nodes;
using OverlayImg.Closures.Layering;
using OverlayImg.FileSystems;
using OverlayImg.Images.Compression;
using OverlayImg.Layers.Scripts;

namespace OverlayImg.Builders.NewImages.Specs;

/// <summary>
/// An image described by a JSON file with dockerTools' attribute names (spec dockertools, 1.11 and 3): what <c>builtins.toJSON</c> makes of
/// buildImage's or buildLayeredImage's arguments. What the file says nothing of is null.
/// </summary>
public sealed record ImageSpec
{
    /// <summary>A spec that says nothing.</summary>
    public static ImageSpec Empty { get; } = new();

    /// <summary>Image name, in lower case.</summary>
    public string? Name { get; internal init; }

    /// <summary>Image tag.</summary>
    public string? Tag { get; internal init; }

    /// <summary>The base image's archive.</summary>
    public string? FromImage { get; internal init; }

    /// <summary>Name of the image in it.</summary>
    public string? FromImageName { get; internal init; }

    /// <summary>Tag of the image in it.</summary>
    public string? FromImageTag { get; internal init; }

    /// <summary>Directories and tarballs.</summary>
    public IReadOnlyList<string>? Contents { get; internal init; }

    /// <summary>rsync's -K.</summary>
    public bool? KeepContentsDirlinks { get; internal init; }

    /// <summary>The container's config.</summary>
    public JsonObject? Config { get; internal init; }

    /// <summary>Annotations of the manifest by name.</summary>
    public IReadOnlyDictionary<string, string>? Annotations { get; internal init; }

    /// <summary>Whether the rest of the base's container config is inherited.</summary>
    public bool? InheritConfig { get; internal init; }

    /// <summary>A script for the new layer's root.</summary>
    public Script? ExtraCommands { get; internal init; }

    /// <summary>Owner of a pure layer's files.</summary>
    public uint? Uid { get; internal init; }

    /// <summary>Group of a pure layer's files.</summary>
    public uint? Gid { get; internal init; }

    /// <summary>A script for the guest.</summary>
    public Script? RunAsRoot { get; internal init; }

    /// <summary>Size of the guest's disk in bytes.</summary>
    public long? DiskSize { get; internal init; }

    /// <summary>Memory of the guest in MiB.</summary>
    public int? MemoryMiB { get; internal init; }

    /// <summary>When the image was made, as configs have it.</summary>
    public string? Created { get; internal init; }

    /// <summary>In Go's words.</summary>
    public string? Architecture { get; internal init; }

    /// <summary>Variant of the architecture.</summary>
    public string? Variant { get; internal init; }

    /// <summary>Compression of the archive.</summary>
    public CompressionFormat? Compressor { get; internal init; }

    /// <summary>A list of store paths.</summary>
    public string? Closure { get; internal init; }

    /// <summary>includeNixDB.</summary>
    public bool? IncludeNixDatabase { get; internal init; }

    /// <summary>The store that they lie in.</summary>
    public string? StoreDirectory { get; internal init; }

    /// <summary>How many layers a layered image may have.</summary>
    public int? MaxLayers { get; internal init; }

    /// <summary>How the files of a layered image are divided.</summary>
    public LayeringStrategy? Layering { get; internal init; }

    /// <summary>A script that runs as root in the guest, over a layered image's customisation layer.</summary>
    public Script? FakeRootCommands { get; internal init; }

    /// <summary>Whether a layered image has its store paths.</summary>
    public bool? IncludeStorePaths { get; internal init; }

    /// <summary>Name of the owner of a layered image's store paths.</summary>
    public string? Uname { get; internal init; }

    /// <summary>Name of their group.</summary>
    public string? Gname { get; internal init; }

    /// <summary>The time of every file in new layers.</summary>
    public Timestamp? FileTime { get; internal init; }
}
