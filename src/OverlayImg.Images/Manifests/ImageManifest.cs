using OverlayImg.Images.Json;

namespace OverlayImg.Images.Manifests;

/// <summary>An image's manifest (image-spec, manifest.md; Docker's schema 2 is the same).</summary>
public sealed class ImageManifest : ManifestDocument
{
    /// <summary>As many as the kernel stacks in an overlay (OVL_MAX_STACK): an image with more runs nowhere.</summary>
    public const int MaximumLayers = 500;

    /// <summary>Bytes of all its layers, or an artifact's parts: as many as one file of ext4 can have, and far more than any image.</summary>
    public const long MaximumSize = 1L << 44;

    private readonly JsonInput _root;

    internal ImageManifest(ReadOnlyMemory<byte> bytes, string mediaType, JsonInput root, InputLocation where)
        : base(bytes, mediaType, where)
    {
        _root = root;
        Config = Descriptor.Read(root.Required("config"));
        Layers = [.. root.Items("layers").Select(Descriptor.Read)];
        // Whoever adds the sizes up may rely on it.
        if (Layers.Aggregate(0L, (sum, layer) => sum > MaximumSize || layer.Size > MaximumSize ? long.MaxValue : sum + layer.Size) > MaximumSize)
            throw root.Wrong($"has layers of more than {MaximumSize} bytes in all, which are not read");
        Annotations = (root.Optional("annotations")?.Members() ?? []).ToDictionary(member => member.Name, member => member.Value.Text(), StringComparer.Ordinal);
    }

    /// <summary>The config, or what an artifact has in its place.</summary>
    public Descriptor Config { get; }

    /// <summary>The layers, bottom first; an artifact's parts.</summary>
    public IReadOnlyList<Descriptor> Layers { get; }

    /// <summary>Remarks by name.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; }

    /// <summary>Whether it is an image's: not an artifact's, and not an attestation's.</summary>
    public bool IsImage => MediaTypes.IsConfig(Config.MediaType) && Layers.All(layer => MediaTypes.CompressionOf(layer.MediaType) is not null);

    /// <summary>Whether it is an image's that has parts of the other family of media types.</summary>
    public bool MixesFamilies => IsImage && Layers.Append(Config).Any(part => MediaTypes.IsOci(part.MediaType) == !IsOci);

    /// <exception cref="InputException">It is an artifact's, or has more layers than can be stacked.</exception>
    public void RequireImage()
    {
        if (Layers.Count > MaximumLayers) throw _root.Wrong($"has {Layers.Count} layers; more than {MaximumLayers} can't be stacked");
        if (!MediaTypes.IsConfig(Config.MediaType))
            throw _root.Wrong($"has a config of the type '{JsonInput.Printable(Config.MediaType)}': this is an artifact, not an image");
        if (Layers.FirstOrDefault(layer => MediaTypes.CompressionOf(layer.MediaType) is null) is { } other)
            throw _root.Wrong($"has a layer of the type '{JsonInput.Printable(other.MediaType)}', which is no layer of files");
    }

    /// <summary>The config's diff IDs are one for each layer.</summary>
    /// <exception cref="InputException">They are not.</exception>
    public void RequireLayersOf(ImageConfig config)
    {
        if (Layers.Count != config.DiffIds.Count) throw _root.Wrong($"has {Layers.Count} layers, but its config has {config.DiffIds.Count} diff IDs");
    }
}
