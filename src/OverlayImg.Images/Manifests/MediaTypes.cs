using OverlayImg.Images.Compression;

namespace OverlayImg.Images.Manifests;

/// <summary>Media types of images, OCI's (image-spec, media-types.md) and Docker's that mean the same.</summary>
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

    /// <summary>Whether the type is OCI's; null where it is neither's.</summary>
    public static bool? IsOci(string mediaType) =>
        mediaType.StartsWith("application/vnd.oci.", StringComparison.Ordinal) ? true
            : mediaType.StartsWith("application/vnd.docker.", StringComparison.Ordinal) ? false
            : null;

    /// <summary>Whether it is a list of images.</summary>
    public static bool IsIndex(string mediaType) => mediaType is OciIndex or DockerManifestList;

    /// <summary>Whether it is the manifest of an image, or of an artifact.</summary>
    public static bool IsManifest(string mediaType) => mediaType is OciManifest or DockerManifest;

    /// <summary>Whether it is Docker's first form of a manifest, signed or not.</summary>
    public static bool IsSchema1(string? mediaType) =>
        mediaType is "application/vnd.docker.distribution.manifest.v1+json" or "application/vnd.docker.distribution.manifest.v1+prettyjws";

    /// <summary>Whether it is an image's config.</summary>
    public static bool IsConfig(string mediaType) => mediaType is OciConfig or DockerConfig;

    /// <summary>Whether it is a layer that need not be where its image is: others may not pass it on.</summary>
    public static bool IsForeignLayer(string mediaType) =>
        mediaType.StartsWith(OciForeignLayer, StringComparison.Ordinal) || mediaType.StartsWith(DockerForeignLayer, StringComparison.Ordinal);

    /// <summary>How a layer of this type is compressed; null where it is no layer of files.</summary>
    public static CompressionFormat? CompressionOf(string mediaType) => mediaType switch
    {
        OciLayer or OciForeignLayer or DockerLayer or DockerForeignLayer => CompressionFormat.None,
        OciLayer + "+gzip" or OciForeignLayer + "+gzip" or DockerLayer + ".gzip" or DockerForeignLayer + ".gzip" => CompressionFormat.Gzip,
        OciLayer + "+zstd" or OciForeignLayer + "+zstd" => CompressionFormat.Zstd,
        _ => null,
    };

    /// <summary>OCI's type of a layer; there is none for xz and bzip2.</summary>
    public static string OciLayerOf(CompressionFormat compression) => compression switch
    {
        CompressionFormat.None => OciLayer,
        CompressionFormat.Gzip => OciLayer + "+gzip",
        CompressionFormat.Zstd => OciLayer + "+zstd",
        _ => throw new ArgumentOutOfRangeException(nameof(compression), compression, "A layer of an OCI image can't be compressed so."),
    };

    /// <summary>The type of a config in one of the families; what is no image's stays.</summary>
    public static string ConfigOf(string mediaType, bool isOci) => !IsConfig(mediaType) ? mediaType : isOci ? OciConfig : DockerConfig;

    /// <summary>The type of a layer in one of the families, or the one that it has where it is no layer of files.</summary>
    /// <param name="mediaType">The type that it had.</param>
    /// <param name="compression">How it is compressed now; null: as its type says.</param>
    /// <param name="isOci">Whether it shall be OCI's.</param>
    public static string LayerOf(string mediaType, CompressionFormat? compression, bool isOci)
    {
        if ((compression ?? CompressionOf(mediaType)) is not { } now) return mediaType;
        var (oci, docker) = IsForeignLayer(mediaType) ? (OciForeignLayer, DockerForeignLayer) : (OciLayer, DockerLayer);
        return now switch
        {
            CompressionFormat.None => isOci ? oci : docker,
            CompressionFormat.Gzip => isOci ? oci + "+gzip" : docker + ".gzip",
            CompressionFormat.Zstd when isOci => oci + "+zstd",
            _ => throw new ArgumentOutOfRangeException(nameof(compression), compression, "A layer of this family can't be compressed so."),
        };
    }
}
