using OverlayImg.FileSystems;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Layers;
using OverlayImg.Images.References;
using OverlayImg.Images.Sources;

namespace OverlayImg.Images.Archives.Writing;

/// <summary>The contents of an archive as dockerTools.buildImage writes it: the layers of the base image and one new layer.</summary>
public sealed record DockerToolsImage
{
    /// <summary>The name of the image, with a tag.</summary>
    public required ImageReference Reference { get; init; }

    /// <summary>The bytes of the config; their digest is the image ID.</summary>
    public required ReadOnlyMemory<byte> Config { get; init; }

    /// <summary>The open source of the base image, which the caller owns; null without a base image.</summary>
    public ImageSource? BaseArchive { get; init; }

    /// <summary>The layers of the base image, bottom first.</summary>
    public IReadOnlyList<Layer> BaseLayers { get; init; } = [];

    /// <summary>The legacy ID of the new layer, which is the name of the layer's directory.</summary>
    public required Digest LayerId { get; init; }

    /// <summary>The bytes of the new layer's <c>json</c>.</summary>
    public required ReadOnlyMemory<byte> LayerJson { get; init; }

    /// <summary>The uncompressed tar of the new layer.</summary>
    public required FileContent LayerTar { get; init; }
}
