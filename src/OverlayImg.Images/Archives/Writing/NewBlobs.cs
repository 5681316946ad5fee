using OverlayImg.FileSystems;

namespace OverlayImg.Images;

/// <summary>The blobs that some images consist of, each once.</summary>
internal sealed class NewBlobs
{
    private readonly Dictionary<Digest, FileContent> _contents = [];

    /// <summary>The blobs.</summary>
    public IReadOnlyDictionary<Digest, FileContent> Contents => _contents;

    /// <summary>Adds an image's: layers, config and manifest.</summary>
    /// <exception cref="InputException">One of its names is no image's name.</exception>
    /// <exception cref="ArgumentException">The layers are not the config's.</exception>
    public StoredImage Store(NewImage image)
    {
        var config = ImageConfig.Parse(image.Config, new(Path: "config"));
        if (!config.DiffIds.SequenceEqual(image.Layers.Select(layer => layer.DiffId)))
            throw new ArgumentException("The layers are not those of the config.", nameof(image));
        foreach (var reference in image.References) reference.RequireWritable();
        if (image.RefName is { } refName) new ImageReference("", refName).RequireWritable();
        var configBlob = Store(MediaTypes.OciConfig, image.Config);
        Descriptor[] layers = [.. image.Layers.Select(Store)];
        var manifest = IsOf(image.Manifest, configBlob, layers)
            ? Store(MediaTypes.OciManifest, image.Manifest!.Bytes)
            : Store(MediaTypes.OciManifest, OciDocuments.Manifest(configBlob, layers, image.Annotations));
        ImageReference[] references = [.. image.References.Select(reference => reference.WithTag).Distinct()];
        return new(references, image.RefName, config, configBlob, layers, manifest);
    }

    // A manifest may say more than is known here; it is kept where all that is known is the same.
    private static bool IsOf(ImageManifest? manifest, Descriptor config, Descriptor[] layers) =>
        manifest is { MediaType: MediaTypes.OciManifest } && IsSame(manifest.Config, config)
        && manifest.Layers.Count == layers.Length && manifest.Layers.Zip(layers, IsSame).All(isSame => isSame);

    private static bool IsSame(Descriptor one, Descriptor other) => (one.MediaType, one.Digest, one.Size) == (other.MediaType, other.Digest, other.Size);

    private Descriptor Store(LayerBlob layer)
    {
        if (layer.Compression is not (CompressionFormat.None or CompressionFormat.Gzip or CompressionFormat.Zstd))
        {
            // No client would know what to do with it.
            layer = layer with { Digest = layer.DiffId, Compression = CompressionFormat.None, Content = new UnpackedContent(layer) };
        }

        _contents.TryAdd(layer.Digest, layer.Content);
        return new(MediaTypes.OciLayerOf(layer.Compression), layer.Digest, layer.Content.Length);
    }

    private Descriptor Store(string mediaType, ReadOnlyMemory<byte> document)
    {
        var digest = Digest.Of(document.Span);
        _contents.TryAdd(digest, new MemoryContent(document));
        return new(mediaType, digest, document.Length);
    }
}
