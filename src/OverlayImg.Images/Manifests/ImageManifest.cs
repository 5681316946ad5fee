using OverlayImg.Images.Json;

namespace OverlayImg.Images.Manifests;

/// <summary>The manifest of an image or an artifact (OCI Image Specification, manifest; Docker's schema 2).</summary>
public sealed class ImageManifest : ManifestDocument
{
    /// <summary>The most layers of an image: Linux stacks no more in an overlay (OVL_MAX_STACK).</summary>
    public const int MaximumLayers = 500;

    /// <summary>The most bytes of all layers together: the largest file of ext4, and far more than any image has.</summary>
    public const long MaximumSize = 1L << 44;

    private readonly JsonInput _root;

    internal ImageManifest(ReadOnlyMemory<byte> bytes, string mediaType, JsonInput root, InputLocation where)
        : base(bytes, mediaType, where)
    {
        _root = root;
        Config = Descriptor.Read(root.Required("config"));
        Layers = [.. root.Items("layers").Select(Descriptor.Read)];
        // Callers add up the sizes and rely on a sum without overflow.
        if (Layers.Aggregate(0L, (sum, layer) => sum > MaximumSize || layer.Size > MaximumSize ? long.MaxValue : sum + layer.Size) > MaximumSize)
            throw root.Wrong($"has layers of more than {MaximumSize} bytes in all, which are not read");
        Annotations = (root.Optional("annotations")?.Members() ?? [])
            .ToDictionary(member => member.Name, member => member.Value.Text(), StringComparer.Ordinal);
    }

    /// <summary>The descriptor of the config; an artifact may have another blob instead.</summary>
    public Descriptor Config { get; }

    /// <summary>The descriptors of the layers, bottom first, or of an artifact's parts.</summary>
    public IReadOnlyList<Descriptor> Layers { get; }

    /// <summary>The annotations by name.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; }

    /// <summary>Whether the manifest describes an image rather than an artifact or an attestation.</summary>
    public bool IsImage => MediaTypes.IsConfig(Config.MediaType) && Layers.All(layer => MediaTypes.CompressionOf(layer.MediaType) is not null);

    /// <summary>Whether the image has a config or layers of the other family of media types.</summary>
    public bool MixesFamilies => IsImage && Layers.Append(Config).Any(part => MediaTypes.IsOci(part.MediaType) == !IsOci);

    /// <summary>Throws unless the manifest describes an image that can run.</summary>
    /// <exception cref="InputException">The manifest is an artifact's, or has too many layers.</exception>
    public void RequireImage()
    {
        if (Layers.Count > MaximumLayers) throw _root.Wrong($"has {Layers.Count} layers; more than {MaximumLayers} can't be stacked");
        if (!MediaTypes.IsConfig(Config.MediaType))
            throw _root.Wrong($"has a config of the type '{JsonInput.Printable(Config.MediaType)}': this is an artifact, not an image");
        if (Layers.FirstOrDefault(layer => MediaTypes.CompressionOf(layer.MediaType) is null) is { } other)
            throw _root.Wrong($"has a layer of the type '{JsonInput.Printable(other.MediaType)}', which is not a filesystem layer");
    }

    /// <summary>Throws unless the config has one diff ID for each layer.</summary>
    /// <exception cref="InputException">The numbers differ.</exception>
    public void RequireLayersOf(ImageConfig config)
    {
        if (Layers.Count == config.DiffIds.Count) return;
        throw _root.Wrong($"has {Layers.Count} layers, but its config has {config.DiffIds.Count} diff IDs");
    }
}
