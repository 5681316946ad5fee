using System.Text.Json.Nodes;
using OverlayImg.Builders.NewImages;
using OverlayImg.FileSystems;

namespace OverlayImg.Builders.LayeredImages.StreamConfs;

/// <summary>The contents of the JSON file for nixpkgs' <c>stream_layered_image.py</c>.</summary>
internal sealed record StreamConf
{
    /// <summary>The architecture by its name in Go, such as amd64.</summary>
    public required string Architecture { get; init; }

    /// <summary>The container config; null if the file has none.</summary>
    public JsonObject? Config { get; init; }

    /// <summary>The creation time that the image records.</summary>
    public required PythonTime Created { get; init; }

    /// <summary>The modification time of every file in the archive and in layers of store paths.</summary>
    public required Timestamp FileTime { get; init; }

    /// <summary>The owner of the files in layers of store paths.</summary>
    public required StoreOwner Owner { get; init; }

    /// <summary>Path of the base image's archive; null without a base image.</summary>
    public string? FromImage { get; init; }

    /// <summary>Absolute store paths of each layer, the bottom layer first.</summary>
    public required IReadOnlyList<IReadOnlyList<ByteString>> StoreLayers { get; init; }

    /// <summary>Path of the directory with <c>layer.tar</c> and <c>checksum</c>.</summary>
    public required string CustomisationLayer { get; init; }

    /// <summary>Name and tag of the image, as NAME:TAG.</summary>
    public required string RepoTag { get; init; }
}
