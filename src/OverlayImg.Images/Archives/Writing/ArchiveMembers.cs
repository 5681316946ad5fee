using OverlayImg.FileSystems;

namespace OverlayImg.Images;

/// <summary>What an archive of some images consists of, by member name; a directory has no content.</summary>
internal sealed class ArchiveMembers
{
    public const string Blobs = "blobs/sha256/";

    private readonly SortedDictionary<string, FileContent?> _members = new(StringComparer.Ordinal) { ["blobs/"] = null, [Blobs] = null };

    private ArchiveMembers()
    {
    }

    /// <summary>The members, sorted as <c>LC_ALL=C</c> sorts their names: the blobs come first.</summary>
    public static IEnumerable<KeyValuePair<string, FileContent?>> Of(IReadOnlyList<NewImage> images, ArchiveFormat format)
    {
        var members = new ArchiveMembers();
        StoredImage[] stored = [.. images.Select(members.Store)];
        members._members["oci-layout"] = new MemoryContent("""{"imageLayoutVersion":"1.0.0"}"""u8.ToArray());
        members._members[OciIndex.Name] = new MemoryContent(OciDocuments.Index(stored));
        if (format == ArchiveFormat.Hybrid) members._members[DockerManifest.Name] = new MemoryContent(DockerDocuments.Manifest(stored));
        return members._members;
    }

    /// <summary>The digest of the manifest that the image gets.</summary>
    public static Digest ManifestDigestOf(NewImage image) => new ArchiveMembers().Store(image).Manifest.Digest;

    /// <summary>The name under which the archive has a blob.</summary>
    public static string NameOf(Digest digest) => Blobs + digest.Hex;

    private StoredImage Store(NewImage image)
    {
        var config = ImageConfig.Parse(image.Config, new(Path: "config"));
        if (!config.DiffIds.SequenceEqual(image.Layers.Select(layer => layer.DiffId)))
            throw new ArgumentException("The layers are not those of the config.", nameof(image));
        foreach (var reference in image.References) RequireValid(reference);
        var configBlob = Store(MediaTypes.OciConfig, image.Config);
        Descriptor[] layers = [.. image.Layers.Select(Store)];
        var manifest = Store(MediaTypes.OciManifest, OciDocuments.Manifest(configBlob, layers));
        ImageReference[] references = [.. image.References.Select(reference => reference.WithTag).Distinct()];
        return new(references, config, configBlob, layers, manifest);
    }

    private static void RequireValid(ImageReference reference)
    {
        if (reference.CanBeWritten) return;
        throw new InputException($"'{reference}' can't be the name of an image")
        {
            Advice = "Names are lower-case letters and digits, divided by single . _ - or /; tags have letters, digits, and _ . - inside.",
        };
    }

    private Descriptor Store(LayerBlob layer)
    {
        if (layer.Compression is not (CompressionFormat.None or CompressionFormat.Gzip or CompressionFormat.Zstd))
        {
            // No client would know what to do with it.
            layer = layer with { Digest = layer.DiffId, Compression = CompressionFormat.None, Content = new UnpackedContent(layer) };
        }

        _members.TryAdd(NameOf(layer.Digest), layer.Content);
        return new(MediaTypes.OciLayerOf(layer.Compression), layer.Digest, layer.Content.Length);
    }

    private Descriptor Store(string mediaType, ReadOnlyMemory<byte> document)
    {
        var digest = Digest.Of(document.Span);
        _members.TryAdd(NameOf(digest), new MemoryContent(document));
        return new(mediaType, digest, document.Length);
    }
}
