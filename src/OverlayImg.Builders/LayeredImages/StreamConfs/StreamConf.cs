using System.Text.Json.Nodes;
using OverlayImg.Builders.NewImages;
using OverlayImg.FileSystems;

namespace OverlayImg.Builders.LayeredImages.StreamConfs;

/// <summary>What nixpkgs' <c>stream_layered_image.py</c> is told by its JSON file (spec dockertools, 1.13).</summary>
internal sealed record StreamConf
{
    /// <summary>In Go's words.</summary>
    public required string Architecture { get; init; }

    /// <summary>The container's config, or null.</summary>
    public JsonObject? Config { get; init; }

    /// <summary>When the image was made.</summary>
    public required PythonTime Created { get; init; }

    /// <summary>The time of every file.</summary>
    public required Timestamp FileTime { get; init; }

    /// <summary>Who owns the files of store layers.</summary>
    public required StoreOwner Owner { get; init; }

    /// <summary>Archive of the base image, or null.</summary>
    public string? FromImage { get; init; }

    /// <summary>Store paths by layer, the lowest first: absolute.</summary>
    public required IReadOnlyList<IReadOnlyList<ByteString>> StoreLayers { get; init; }

    /// <summary>Directory with <c>layer.tar</c> and <c>checksum</c>.</summary>
    public required string CustomisationLayer { get; init; }

    /// <summary>Name and tag.</summary>
    public required string RepoTag { get; init; }
}
