using System.Text.Json.Nodes;
using OverlayImg.Closures.Layering;
using OverlayImg.FileSystems;
using OverlayImg.Images.Compression;
using OverlayImg.Layers.Contents;
using OverlayImg.Layers.Scripts;

namespace OverlayImg.Builders.NewImages.Specs;

/// <summary>
/// An image that a JSON file describes with dockerTools' attribute names, such as <c>builtins.toJSON</c> of the arguments of buildImage or
/// buildLayeredImage. Attributes that the file lacks are null.
/// </summary>
public sealed record ImageSpec
{
    /// <summary>A spec without attributes.</summary>
    public static ImageSpec Empty { get; } = new();

    /// <summary>Name of the image in lower case.</summary>
    public string? Name { get; internal init; }

    /// <summary>Tag of the image.</summary>
    public string? Tag { get; internal init; }

    /// <summary>The base image: a path, with or without prefix, a reference or <c>scratch</c>.</summary>
    public string? FromImage { get; internal init; }

    /// <summary>Name of the base image in its archive or layout.</summary>
    public string? FromImageName { get; internal init; }

    /// <summary>Tag of the base image in its archive or layout.</summary>
    public string? FromImageTag { get; internal init; }

    /// <summary>Directories and tarballs whose files go to the new layer.</summary>
    public IReadOnlyList<string>? Contents { get; internal init; }

    /// <summary>Files and directories that are copied to places in the new layer, after the contents.</summary>
    public IReadOnlyList<ContentsSource>? Copies { get; internal init; }

    /// <summary>Whether symbolic links to directories in the contents stay links.</summary>
    public bool? KeepContentsDirlinks { get; internal init; }

    /// <summary>The container config.</summary>
    public JsonObject? Config { get; internal init; }

    /// <summary>Annotations of the image's manifest, by name.</summary>
    public IReadOnlyDictionary<string, string>? Annotations { get; internal init; }

    /// <summary>Whether the whole container config of the base image is inherited, not only its environment.</summary>
    public bool? InheritConfig { get; internal init; }

    /// <summary>A script that runs in the root directory of the new layer.</summary>
    public Script? ExtraCommands { get; internal init; }

    /// <summary>User ID of the owner of the layer's files, or of the store paths in a layered image.</summary>
    public uint? Uid { get; internal init; }

    /// <summary>Group ID of the layer's files, or of the store paths in a layered image.</summary>
    public uint? Gid { get; internal init; }

    /// <summary>A script that runs as root in a guest, in the image's root directory.</summary>
    public Script? RunAsRoot { get; internal init; }

    /// <summary>Commands that run as root in a guest, after <see cref="RunAsRoot"/>.</summary>
    public IReadOnlyList<Script>? Run { get; internal init; }

    /// <summary>The script and the commands that run in the image, in their order.</summary>
    public IReadOnlyList<Script> Steps => [.. new[] { RunAsRoot }.OfType<Script>(), .. Run ?? []];

    /// <summary>Size of the guest's disk in bytes.</summary>
    public long? DiskSize { get; internal init; }

    /// <summary>Memory of the guest in MiB.</summary>
    public int? MemoryMiB { get; internal init; }

    /// <summary>The creation time that the image records, in the form of configs.</summary>
    public string? Created { get; internal init; }

    /// <summary>The architecture by its name in Go, such as amd64.</summary>
    public string? Architecture { get; internal init; }

    /// <summary>Variant of the architecture.</summary>
    public string? Variant { get; internal init; }

    /// <summary>Compression of the archive.</summary>
    public CompressionFormat? Compressor { get; internal init; }

    /// <summary>Path of a file with the store paths of the image.</summary>
    public string? Closure { get; internal init; }

    /// <summary>Whether the image gets a Nix database of its store paths.</summary>
    public bool? IncludeNixDatabase { get; internal init; }

    /// <summary>Directory of the Nix store.</summary>
    public string? StoreDirectory { get; internal init; }

    /// <summary>The largest number of layers of a layered image.</summary>
    public int? MaxLayers { get; internal init; }

    /// <summary>The strategy that divides the files of a layered image into layers.</summary>
    public LayeringStrategy? Layering { get; internal init; }

    /// <summary>A script that runs as root in a guest, in the root directory of the customisation layer.</summary>
    public Script? FakeRootCommands { get; internal init; }

    /// <summary>Whether a layered image contains its store paths.</summary>
    public bool? IncludeStorePaths { get; internal init; }

    /// <summary>Name of the user that owns the store paths of a layered image.</summary>
    public string? Uname { get; internal init; }

    /// <summary>Name of the group that owns the store paths of a layered image.</summary>
    public string? Gname { get; internal init; }

    /// <summary>The modification time of every file in new layers.</summary>
    public Timestamp? FileTime { get; internal init; }
}
