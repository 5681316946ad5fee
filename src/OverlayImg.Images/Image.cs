using OverlayImg.Images.Layers;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;

namespace OverlayImg.Images;

/// <summary>An image: its names, its config and its layers. Usable as long as the sources of its layers are open.</summary>
/// <param name="References">The names of the image; often one, sometimes none.</param>
/// <param name="Config">The config.</param>
/// <param name="Layers">The layers, bottom first, one per diff ID of the config; the same layer may be there twice.</param>
public sealed record Image(IReadOnlyList<ImageReference> References, ImageConfig Config, IReadOnlyList<Layer> Layers)
{
    private readonly IReadOnlyDictionary<string, string>? _annotations;

    /// <summary>
    /// The manifest that the image came with; null for a new image, and for an image of a docker-archive alone. It is written byte for byte where the config and the
    /// layers are exactly those of the image.
    /// </summary>
    public ImageManifest? Manifest { get; init; }

    /// <summary>The annotations by name: those of the manifest, or those that a new manifest gets.</summary>
    public IReadOnlyDictionary<string, string> Annotations
    {
        get => _annotations ?? Manifest?.Annotations ?? new Dictionary<string, string>();
        init => _annotations = value;
    }

    /// <summary>What messages call the image: its names, or its ID.</summary>
    public string DisplayName => References.Count > 0 ? string.Join(", ", References) : $"{Config.Id} (no name)";
}
