using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;
using OverlayImg.Images.Layouts;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;

namespace OverlayImg.Images.Validation;

/// <summary>Rules for OCI layouts (OCI Image Specification, image-layout), from <c>index.json</c> to the configs.</summary>
internal sealed class LayoutRules(ArchiveDocuments documents, CancellationToken cancellationToken)
{
    private const int MaximumDocuments = 10_000;

    private readonly DescriptorRules _descriptors = new(documents);
    private readonly Queue<(CheckedDescriptor Descriptor, int Depth)> _pending = new();
    private readonly Dictionary<Digest, CheckedImage> _images = [];
    private readonly HashSet<Digest> _enqueued = [];
    private readonly HashSet<Digest> _seen = [];

    /// <summary>Whether the archive has a part of a layout: <c>index.json</c> or <c>oci-layout</c>.</summary>
    public bool IsThere => documents.Has(LayoutIndex.Name) || documents.Has(LayoutIndex.VersionName);

    /// <summary>Checks all documents, and returns the images of the layout.</summary>
    public IReadOnlyCollection<CheckedImage> Check()
    {
        CheckLayoutFile();
        if (!documents.Has(LayoutIndex.Name)) documents.Findings.Error("layout-index", documents.Kind, "has oci-layout, but no index.json");
        else if (documents.Read(LayoutIndex.Name, ManifestDocument.MaximumLength) is { } index) CheckIndex(index, MediaTypes.OciIndex, depth: 0);
        // A queue bounds the depth, even if an index leads to itself.
        while (_pending.TryDequeue(out var next) && _seen.Count < MaximumDocuments)
        {
            cancellationToken.ThrowIfCancellationRequested();
            CheckDocument(next.Descriptor, next.Depth);
        }

        return _images.Values;
    }

    private void CheckLayoutFile()
    {
        if (!documents.Has(LayoutIndex.VersionName))
        {
            documents.Findings.Error("layout-version", documents.Kind, "has index.json, but no oci-layout");
            return;
        }

        if (documents.Read(LayoutIndex.VersionName, ManifestDocument.MaximumLength)?.Required("layout-version", "imageLayoutVersion") is { } version
            && version.Text("layout-version") is { } text && text != "1.0.0")
        {
            version.Error("layout-version", $"is '{JsonInput.Printable(text)}'; only 1.0.0 is defined");
        }
    }

    private void CheckIndex(CheckedJson index, string mediaType, int depth)
    {
        CheckHead(index, mediaType);
        DescriptorRules.CheckAnnotations(index);
        if (index.HasKey("config") || index.HasKey("layers")) index.Error("manifest-and-index", "is an index and a manifest at once");
        if (index.Required("index-manifests", "manifests") is not { } manifests) return;
        var descriptors = manifests.Items("index-manifests");
        if (descriptors.Count == 0) manifests.Warn("index-empty", "names no image");
        foreach (var json in descriptors)
        {
            // A layout may lack the images of other platforms.
            if (_descriptors.Check(json, _ => depth > 0) is not { } descriptor) continue;
            if (depth == 0) CheckRefName(json);
            // Only the outermost index may list a document several times: once for each name of an image.
            if (descriptor.Member is null || (!_enqueued.Add(descriptor.Digest) && depth > 0)) continue;
            if (depth < ImageIndex.MaximumDepth) _pending.Enqueue((descriptor, depth + 1));
            else json.Error("index-depth", $"is nested more than {ImageIndex.MaximumDepth} levels deep");
        }
    }

    private static void CheckRefName(CheckedJson descriptor)
    {
        if (descriptor.Member("annotations")?.Member(LayoutImage.RefName) is { Kind: System.Text.Json.JsonValueKind.String } name
            && name.Text("ref-name") is { } text && !ReferenceGrammar.IsRefName(text))
        {
            name.Warn("ref-name", $"is '{JsonInput.Printable(text)}', which the annotation's grammar does not allow");
        }
    }

    private static void CheckHead(CheckedJson document, string mediaType)
    {
        if (document.Required("schema-version", "schemaVersion") is { } version && version.Number("schema-version") is not (2 or null))
            version.Error("schema-version", "should be 2");
        if (document.Member("mediaType") is { } type && type.Text("document-media-type") is { } text && text != mediaType)
            type.Error("document-media-type", $"is '{JsonInput.Printable(text)}', but the descriptor says '{JsonInput.Printable(mediaType)}'");
    }

    private void CheckDocument(CheckedDescriptor descriptor, int depth)
    {
        var isIndex = MediaTypes.IsIndex(descriptor.MediaType);
        if (!isIndex && !MediaTypes.IsManifest(descriptor.MediaType))
        {
            if (depth > 1) return;
            var type = JsonInput.Printable(descriptor.MediaType);
            descriptor.Json.Warn("index-media-type", $"is a '{type}', which is neither a manifest nor an index");
            return;
        }

        if (!_seen.Add(descriptor.Digest))
        {
            // The image has several names.
            if (_images.TryGetValue(descriptor.Digest, out var image)) AddNames(image, descriptor.Json);
            return;
        }

        if (documents.Read(descriptor.Member!.Name, ManifestDocument.MaximumLength) is not { } document) return;
        if (isIndex) CheckIndex(document, descriptor.MediaType, depth);
        else CheckManifest(descriptor, document, isOfList: depth > 1);
    }

    private void CheckManifest(CheckedDescriptor descriptor, CheckedJson manifest, bool isOfList)
    {
        CheckHead(manifest, descriptor.MediaType);
        DescriptorRules.CheckAnnotations(manifest);
        if (manifest.HasKey("manifests")) manifest.Error("manifest-and-index", "is a manifest and an index at once");
        var isOci = descriptor.MediaType == MediaTypes.OciManifest;
        if (!isOci && manifest.HasKey("annotations")) manifest.Warn("annotations", "has annotations, which Docker's manifests can't have");
        var config = manifest.Required("manifest-config", "config") is { } json ? _descriptors.Check(json, _ => false) : null;
        var layers = manifest.Required("manifest-layers", "layers")?.Items("manifest-layers") ?? [];
        CheckedDescriptor?[] blobs = [.. layers.Select(layer => _descriptors.Check(layer, mediaType => IsElsewhere(layer, mediaType)))];
        if (config is null || !MediaTypes.IsConfig(config.MediaType)) return;
        foreach (var blob in blobs.Append(config).OfType<CheckedDescriptor>()) CheckFamily(blob, isOci);
        var diffIds = Config(config)?.DiffIds;
        if (diffIds is not null && diffIds.Count != blobs.Length)
            manifest.Error("layers-diff-ids", $"has {blobs.Length} layers, but its config has {diffIds.Count} diff IDs");
        var where = $"{JsonInput.Printable(descriptor.Member!.Name)}, layers";
        var image = _images[descriptor.Digest] = new(where, config.Digest, [.. blobs.Select((blob, index) => blob?.Member is not { } member ? null
            : new LayerUse(member, $"{where}[{index}]", diffIds is not null && index < diffIds.Count ? diffIds[index] : null, blob.MediaType))])
        {
            // An attestation is listed as an image next to the image that it describes.
            IsOfList = isOfList || descriptor.Json.Member("annotations")?.Member("vnd.docker.reference.type") is not null,
        };
        AddNames(image, descriptor.Json);
    }

    private CheckedConfig? Config(CheckedDescriptor config) =>
        config.Member is { } member && documents.Read(member.Name, ImageConfig.MaximumLength) is { } document ? ConfigRules.Check(document) : null;

    private static void CheckFamily(CheckedDescriptor blob, bool isOci)
    {
        var other = isOci ? "application/vnd.docker." : "application/vnd.oci.";
        if (blob.MediaType.StartsWith(other, StringComparison.Ordinal))
            blob.Json.Error("media-type-family", $"is a '{JsonInput.Printable(blob.MediaType)}' in a manifest of the other family of media types");
    }

    // Copies leave out non-distributable layers, whose descriptors name URLs.
    private static bool IsElsewhere(CheckedJson layer, string mediaType) =>
        MediaTypes.IsForeignLayer(mediaType)
        && layer.Member("urls") is { Kind: System.Text.Json.JsonValueKind.Array } urls && urls.Items("descriptor-type").Count > 0;

    private static void AddNames(CheckedImage image, CheckedJson descriptor)
    {
        var name = descriptor.Member("annotations")?.Member(LayoutImage.FullName);
        if (name is { Kind: System.Text.Json.JsonValueKind.String }) image.References.Add(ImageReference.Parse(name.Value.Text("annotations")!));
    }
}
