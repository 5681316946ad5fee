using OverlayImg.Images.Compression;

namespace OverlayImg.Images.Manifests;

/// <summary>The media types of images (OCI Image Specification, media-types) and Docker's equivalents.</summary>
internal static class MediaTypes
{
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";
    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    public const string OciConfig = "application/vnd.oci.image.config.v1+json";
    public const string OciLayer = "application/vnd.oci.image.layer.v1.tar";
    public const string OciForeignLayer = "application/vnd.oci.image.layer.nondistributable.v1.tar";
    public const string DockerManifestList = "application/vnd.docker.distribution.manifest.list.v2+json";
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
    public const string DockerConfig = "application/vnd.docker.container.image.v1+json";
    public const string DockerLayer = "application/vnd.docker.image.rootfs.diff.tar";
    public const string DockerForeignLayer = "application/vnd.docker.image.rootfs.foreign.diff.tar";

    /// <summary>Whether the type is OCI's rather than Docker's; null for any other type.</summary>
    public static bool? IsOci(string mediaType) =>
        mediaType.StartsWith("application/vnd.oci.", StringComparison.Ordinal) ? true
            : mediaType.StartsWith("application/vnd.docker.", StringComparison.Ordinal) ? false
            : null;

    /// <summary>Whether the type is an index or a manifest list.</summary>
    public static bool IsIndex(string mediaType) => mediaType is OciIndex or DockerManifestList;

    /// <summary>Whether the type is a manifest of an image or an artifact.</summary>
    public static bool IsManifest(string mediaType) => mediaType is OciManifest or DockerManifest;

    /// <summary>Whether the type is a manifest of Docker's schema 1, signed or not.</summary>
    public static bool IsSchema1(string? mediaType) =>
        mediaType is "application/vnd.docker.distribution.manifest.v1+json" or "application/vnd.docker.distribution.manifest.v1+prettyjws";

    public static bool IsConfig(string mediaType) => mediaType is OciConfig or DockerConfig;

    /// <summary>Whether the type is a foreign or non-distributable layer, which an archive or a layout may lack.</summary>
    public static bool IsForeignLayer(string mediaType) =>
        mediaType.StartsWith(OciForeignLayer, StringComparison.Ordinal) || mediaType.StartsWith(DockerForeignLayer, StringComparison.Ordinal);

    /// <summary>Returns the compression of a layer type; null if the type is not a filesystem layer.</summary>
    public static CompressionFormat? CompressionOf(string mediaType) => mediaType switch
    {
        OciLayer or OciForeignLayer or DockerLayer or DockerForeignLayer => CompressionFormat.None,
        OciLayer + "+gzip" or OciForeignLayer + "+gzip" or DockerLayer + ".gzip" or DockerForeignLayer + ".gzip" => CompressionFormat.Gzip,
        OciLayer + "+zstd" or OciForeignLayer + "+zstd" => CompressionFormat.Zstd,
        _ => null,
    };

    /// <summary>Returns OCI's type of a layer. There is no type for xz and bzip2.</summary>
    public static string OciLayerOf(CompressionFormat compression) => compression switch
    {
        CompressionFormat.None => OciLayer,
        CompressionFormat.Gzip => OciLayer + "+gzip",
        CompressionFormat.Zstd => OciLayer + "+zstd",
        _ => throw new ArgumentOutOfRangeException(nameof(compression), compression, "OCI has no media type for a layer with this compression."),
    };

    /// <summary>Converts a config's type to a family; the type of an artifact is not changed.</summary>
    public static string ConfigOf(string mediaType, bool isOci) => !IsConfig(mediaType) ? mediaType : isOci ? OciConfig : DockerConfig;

    /// <summary>Converts a layer's type to a family; a type that is not a filesystem layer is not changed.</summary>
    /// <param name="mediaType">The current type.</param>
    /// <param name="compression">New compression of the layer; null to keep the compression of the type.</param>
    /// <param name="isOci">Whether the new type is OCI's rather than Docker's.</param>
    public static string LayerOf(string mediaType, CompressionFormat? compression, bool isOci)
    {
        if ((compression ?? CompressionOf(mediaType)) is not { } now) return mediaType;
        var (oci, docker) = IsForeignLayer(mediaType) ? (OciForeignLayer, DockerForeignLayer) : (OciLayer, DockerLayer);
        return now switch
        {
            CompressionFormat.None => isOci ? oci : docker,
            CompressionFormat.Gzip => isOci ? oci + "+gzip" : docker + ".gzip",
            CompressionFormat.Zstd when isOci => oci + "+zstd",
            _ => throw new ArgumentOutOfRangeException(
                nameof(compression), compression, "The family has no media type for a layer with this compression."),
        };
    }
}
