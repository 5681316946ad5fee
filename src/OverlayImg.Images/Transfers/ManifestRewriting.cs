using System.Text.Json.Nodes;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Layouts;
using OverlayImg.Images.Manifests;

namespace OverlayImg.Images.Transfers;

/// <summary>
/// Rewrites manifests and indexes for other blobs or for the other family of media types. Unknown members are kept, and
/// a document without changes is kept byte for byte.
/// </summary>
public static class ManifestRewriting
{
    // Prefixes of annotations that describe the bytes of a layer's blob in a certain format.
    private static readonly string[] BlobAnnotations =
    [
        "io.github.containers.zstd-chunked.", "io.containers.zstd-chunked.",    // zstd:chunked (containers/storage), new and old names
        "containerd.io/snapshot/stargz/", "io.containers.estargz.",             // eStargz
        "containerd.io/snapshot/nydus-",                                        // Nydus
        "containerd.io/snapshot/overlaybd",                                     // overlaybd
        "com.amazon.soci.",                                                     // SOCI
    ];

    /// <summary>Makes an OCI manifest for an image that has none, with config, layers and annotations.</summary>
    /// <param name="image">An image without a manifest.</param>
    /// <param name="layers">The blobs of the layers, bottom first.</param>
    public static ImageManifest Of(Image image, IReadOnlyList<StoredLayer> layers, InputLocation where)
    {
        var configDescriptor = new Descriptor(MediaTypes.OciConfig, image.Config.Id, image.Config.Bytes.Length);
        Descriptor[] descriptors = [.. layers.Select(layer =>
            new Descriptor(MediaTypes.OciLayerOf(layer.Compression), layer.Digest, layer.Length))];
        var bytes = OciDocuments.Manifest(configDescriptor, descriptors, image.Annotations);
        return (ImageManifest)ManifestDocument.Parse(bytes, MediaTypes.OciManifest, where);
    }

    /// <summary>Makes an OCI index of manifests.</summary>
    public static ImageIndex IndexOf(IEnumerable<Descriptor> manifests, InputLocation where) => (ImageIndex)ManifestDocument.Parse(
        OciDocuments.Index([.. manifests.Select(manifest => new LayoutEntry(manifest, null))]), MediaTypes.OciIndex, where);

    /// <summary>Returns the manifest with the descriptors of its layers' new blobs.</summary>
    /// <param name="manifest">The original manifest.</param>
    /// <param name="layers">The blobs of its layers, bottom first.</param>
    /// <param name="asOci">Whether Docker's media types become OCI's. A zstd layer, which Docker can't express, forces this.</param>
    /// <remarks>Layers and configs get the media types of one family, because clients refuse a mixture. Others keep theirs.</remarks>
    public static ImageManifest Rewrite(ImageManifest manifest, IReadOnlyList<StoredLayer> layers, bool asOci)
    {
        StoredLayer?[] changed = [.. layers.Zip(manifest.Layers, (now, before) => now.Digest == before.Digest ? null : now)];
        var compressions = changed.Zip(manifest.Layers, (now, before) => now?.Compression ?? before.LayerCompression);
        var isOci = manifest.IsOci || asOci || compressions.Contains(CompressionFormat.Zstd);
        if (isOci == manifest.IsOci && !manifest.MixesFamilies && changed.All(layer => layer is null)) return manifest;
        var root = Parse(manifest);
        if (isOci) root["mediaType"] = MediaTypes.OciManifest;
        root["config"]!["mediaType"] = MediaTypes.ConfigOf(manifest.Config.MediaType, isOci);
        var nodes = root["layers"]?.AsArray() ?? [];
        foreach (var (index, stored) in changed.Index())
        {
            var (node, mediaType) = (nodes[index]!.AsObject(), manifest.Layers[index].MediaType);
            node["mediaType"] = MediaTypes.LayerOf(mediaType, stored?.Compression, isOci);
            if (stored is not null) Describe(node, stored.Digest, stored.Length);
        }

        // SOCI stores the digest of the index over the old bytes in the manifest's own annotations.
        if (changed.Any(layer => layer is not null)) RemoveBlobAnnotations(root);

        return (ImageManifest)ManifestDocument.Parse(Bytes(root), isOci ? MediaTypes.OciManifest : manifest.MediaType, manifest.Where);
    }

    /// <summary>Returns the index with the descriptors of its new manifests.</summary>
    /// <param name="index">The original index.</param>
    /// <param name="manifests">New descriptor of each entry.</param>
    /// <param name="asOci">Whether Docker's media types become OCI's. An OCI manifest makes the index OCI's, too.</param>
    public static ImageIndex Rewrite(ImageIndex index, IReadOnlyList<Descriptor> manifests, bool asOci)
    {
        var isOci = index.IsOci || asOci || manifests.Any(manifest => manifest.IsOci);
        if (isOci == index.IsOci && manifests.Index().All(item => item.Item.Digest == index.Manifests[item.Index].Digest)) return index;
        var root = Parse(index);
        if (isOci) root["mediaType"] = MediaTypes.OciIndex;
        foreach (var (number, manifest) in manifests.Index())
        {
            var node = root["manifests"]![number]!.AsObject();
            node["mediaType"] = manifest.MediaType;
            if (manifest.Digest != index.Manifests[number].Digest) Describe(node, manifest.Digest, manifest.Size);
        }

        return (ImageIndex)ManifestDocument.Parse(Bytes(root), isOci ? MediaTypes.OciIndex : index.MediaType, index.Where);
    }

    /// <summary>Returns the document with more annotations. A new annotation replaces one of the same name.</summary>
    /// <param name="document">A manifest or an index of OCI's family; Docker's have no annotations.</param>
    /// <param name="annotations">The new annotations by name.</param>
    public static ManifestDocument Annotate(ManifestDocument document, IReadOnlyDictionary<string, string> annotations)
    {
        if (annotations.Count == 0) return document;
        if (!document.IsOci) throw new ArgumentException("Docker's documents have no annotations.", nameof(document));
        var root = Parse(document);
        var all = root["annotations"] as JsonObject ?? [];
        root["annotations"] = all;
        foreach (var (name, text) in annotations.OrderBy(annotation => annotation.Key, StringComparer.Ordinal)) all[name] = text;
        return ManifestDocument.Parse(Bytes(root), document.MediaType, document.Where);
    }

    // Other members of the old descriptor may describe the old blob: a copy of it, its URLs, or its table of contents.
    private static void Describe(JsonObject node, Digest digest, long size)
    {
        node["digest"] = digest.ToString();
        node["size"] = size;
        node.Remove("data");
        node.Remove("urls");
        RemoveBlobAnnotations(node);
    }

    private static void RemoveBlobAnnotations(JsonObject node)
    {
        if (node["annotations"] is not JsonObject annotations) return;
        var removed = annotations.Where(annotation =>
            BlobAnnotations.Any(prefix => annotation.Key.StartsWith(prefix, StringComparison.Ordinal)));
        foreach (var (name, _) in removed.ToArray()) annotations.Remove(name);
        if (annotations.Count == 0) node.Remove("annotations");
    }

    private static JsonObject Parse(ManifestDocument document) => JsonNode.Parse(document.Bytes.Span)!.AsObject();

    private static byte[] Bytes(JsonObject root) => JsonBytes.Of(writer => root.WriteTo(writer));
}
