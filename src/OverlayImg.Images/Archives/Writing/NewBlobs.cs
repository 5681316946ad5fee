using OverlayImg.FileSystems;

namespace OverlayImg.Images;

/// <summary>The blobs that some images consist of, each once.</summary>
internal sealed class NewBlobs
{
    private readonly Dictionary<Digest, FileContent> _contents = [];

    /// <summary>The blobs.</summary>
    public IReadOnlyDictionary<Digest, FileContent> Contents => _contents;

    /// <summary>Adds the blobs of an image: layers, config and manifest.</summary>
    /// <param name="image">The image. The digests of its blobs are known.</param>
    /// <param name="refName">The one name that a layout gets for the image; null for a name from each of the image's own.</param>
    /// <exception cref="InputException">One of its names is no image's name.</exception>
    /// <exception cref="ArgumentException">The layers are not the config's, or the digest of a blob is not known.</exception>
    public StoredImage Store(Image image, string? refName)
    {
        if (!image.Config.DiffIds.SequenceEqual(image.Layers.Select(layer => layer.DiffId)))
            throw new ArgumentException("The layers are not those of the config.", nameof(image));
        foreach (var reference in image.References) reference.RequireWritable();
        if (refName is not null) new ImageReference("", refName).RequireWritable();
        var configBlob = Store(MediaTypes.OciConfig, image.Config.Bytes);
        Descriptor[] layers = [.. image.Layers.Select(Store)];
        var manifest = IsOf(image.Manifest, configBlob, layers)
            ? Store(MediaTypes.OciManifest, image.Manifest!.Bytes)
            : Store(MediaTypes.OciManifest, OciDocuments.Manifest(configBlob, layers, image.Annotations));
        ImageReference[] references = [.. image.References.Select(reference => reference.WithTag).Distinct()];
        return new(references, refName, image.Config, configBlob, layers, manifest);
    }

    // A manifest may say more than is known here; it is kept where all that is known is the same.
    private static bool IsOf(ImageManifest? manifest, Descriptor config, Descriptor[] layers) =>
        manifest is { MediaType: MediaTypes.OciManifest } && IsSame(manifest.Config, config)
        && manifest.Layers.Count == layers.Length && manifest.Layers.Zip(layers, IsSame).All(isSame => isSame);

    private static bool IsSame(Descriptor one, Descriptor other) => (one.MediaType, one.Digest, one.Size) == (other.MediaType, other.Digest, other.Size);

    private Descriptor Store(Layer layer)
    {
        if (layer.Compression is not (CompressionFormat.None or CompressionFormat.Gzip or CompressionFormat.Zstd))
        {
            // No client would know what to do with it.
            layer = Layer.OfTar(new UnpackedContent(layer), layer.DiffId);
        }

        var digest = layer.BlobDigest ?? throw new ArgumentException("The digest of the layer's blob is not known.", nameof(layer));
        _contents.TryAdd(digest, layer.StoredContent);
        return new(MediaTypes.OciLayerOf(layer.Compression), digest, layer.StoredLength);
    }

    private Descriptor Store(string mediaType, ReadOnlyMemory<byte> document)
    {
        var digest = Digest.Of(document.Span);
        _contents.TryAdd(digest, new MemoryContent(document));
        return new(mediaType, digest, document.Length);
    }
}
