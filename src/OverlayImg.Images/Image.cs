using OverlayImg.Images.Layers;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;

namespace OverlayImg.Images;

/// <summary>An image: names, config, layers and annotations. The layers' sources must be open while the image is used.</summary>
/// <param name="References">The names of the image; may be empty.</param>
/// <param name="Config">The image config.</param>
/// <param name="Layers">The layers, bottom first, one for each diff ID of the config; a layer may occur several times.</param>
public sealed record Image(IReadOnlyList<ImageReference> References, ImageConfig Config, IReadOnlyList<Layer> Layers)
{
    private readonly IReadOnlyDictionary<string, string>? _annotations;

    /// <summary>
    /// The manifest that the image was read with; null for a new image, and for an image of a docker-archive without an
    /// OCI layout. It is written byte for byte if the config and the layers are unchanged.
    /// </summary>
    public ImageManifest? Manifest { get; init; }

    /// <summary>The annotations by name. The default is the annotations of <see cref="Manifest"/>.</summary>
    public IReadOnlyDictionary<string, string> Annotations
    {
        get => _annotations ?? Manifest?.Annotations ?? new Dictionary<string, string>();
        init => _annotations = value;
    }

    /// <summary>The text that names the image in messages: its references, or the image ID if there are none.</summary>
    public string DisplayName => References.Count > 0 ? string.Join(", ", References) : $"{Config.Id} (no name)";
}
