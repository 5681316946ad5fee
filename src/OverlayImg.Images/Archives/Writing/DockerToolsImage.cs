using OverlayImg.FileSystems;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Layers;
using OverlayImg.Images.References;
using OverlayImg.Images.Sources;

namespace OverlayImg.Images.Archives.Writing;

/// <summary>An image in the form that dockerTools' buildImage writes (spec dockertools, 1.11): a base's layers and one new layer.</summary>
public sealed record DockerToolsImage
{
    /// <summary>Its name, with a tag.</summary>
    public required ImageReference Reference { get; init; }

    /// <summary>The config, byte for byte: its digest is the image ID.</summary>
    public required ReadOnlyMemory<byte> Config { get; init; }

    /// <summary>Where the base image lies, open; null without a base.</summary>
    public ImageSource? BaseArchive { get; init; }

    /// <summary>The base's layers, bottom first.</summary>
    public IReadOnlyList<Layer> BaseLayers { get; init; } = [];

    /// <summary>ID of the new layer, its directory's name.</summary>
    public required Digest LayerId { get; init; }

    /// <summary>The new layer's <c>json</c>.</summary>
    public required ReadOnlyMemory<byte> LayerJson { get; init; }

    /// <summary>The new layer's uncompressed tar.</summary>
    public required FileContent LayerTar { get; init; }
}
