using System.Text.Json.Nodes;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Layouts;
using OverlayImg.Images.Manifests;

namespace OverlayImg.Images.Transfers;

/// <summary>
/// The document that says the same of other blobs, or in the other family of media types. What nobody here knows stays as it is; where nothing changes, so does every byte.
/// </summary>
public static class ManifestRewriting
{
    // Annotations of a layer's descriptor that describe its stored bytes. Everything below these prefixes belongs to the format of the blob.
    private static readonly string[] BlobAnnotations =
    [
        "io.github.containers.zstd-chunked.", "io.containers.zstd-chunked.",    // zstd:chunked (containers/storage), new and old names
        "containerd.io/snapshot/stargz/", "io.containers.estargz.",             // eStargz
        "containerd.io/snapshot/nydus-",                                        // Nydus
        "containerd.io/snapshot/overlaybd",                                     // overlaybd
        "com.amazon.soci.",                                                     // SOCI
    ];

    /// <summary>The manifest of an image that comes without one: OCI's, with nothing but config, layers and annotations.</summary>
    /// <param name="image">The image.</param>
    /// <param name="layers">The layers as they are stored now, bottom first.</param>
    /// <param name="where">For messages.</param>
    public static ImageManifest Of(Image image, IReadOnlyList<StoredLayer> layers, InputLocation where)
    {
        var configDescriptor = new Descriptor(MediaTypes.OciConfig, image.Config.Id, image.Config.Bytes.Length);
        Descriptor[] descriptors = [.. layers.Select(layer => new Descriptor(MediaTypes.OciLayerOf(layer.Compression), layer.Digest, layer.Length))];
        return (ImageManifest)ManifestDocument.Parse(OciDocuments.Manifest(configDescriptor, descriptors, image.Annotations), MediaTypes.OciManifest, where);
    }

    /// <summary>An index over manifests that have none.</summary>
    public static ImageIndex IndexOf(IEnumerable<Descriptor> manifests, InputLocation where) => (ImageIndex)ManifestDocument.Parse(
        OciDocuments.Index([.. manifests.Select(manifest => new LayoutEntry(manifest, null))]), MediaTypes.OciIndex, where);

    /// <summary>The manifest with its layers as they are stored now.</summary>
    /// <param name="manifest">The manifest as it came.</param>
    /// <param name="layers">Its layers as they are stored now.</param>
    /// <param name="asOci">Whether Docker's media types become OCI's. zstd is OCI's alone: a layer compressed so makes all of them OCI's.</param>
    /// <remarks>What is no layer or config of an image keeps its type. All others become the manifest's own family's: clients refuse a mixture.</remarks>
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

        // SOCI names the index of the old bytes on the manifest itself.
        if (changed.Any(layer => layer is not null)) RemoveBlobAnnotations(root);

        return (ImageManifest)ManifestDocument.Parse(Bytes(root), isOci ? MediaTypes.OciManifest : manifest.MediaType, manifest.Where);
    }

    /// <summary>The index over the manifests as they are now.</summary>
    /// <param name="index">The index as it came.</param>
    /// <param name="manifests">One for each entry.</param>
    /// <param name="asOci">Whether Docker's media types become OCI's; they do where a manifest is OCI's.</param>
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

    /// <summary>The document with more annotations. A given annotation replaces an annotation of the same name.</summary>
    /// <param name="document">A manifest or an index of OCI's family: Docker's documents have no annotations.</param>
    /// <param name="annotations">The annotations by name.</param>
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

    // The rest of the old descriptor may describe the old bytes: copies of them, places to get them from, and their tables of contents.
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
        foreach (var (name, _) in annotations.Where(annotation => BlobAnnotations.Any(prefix => annotation.Key.StartsWith(prefix, StringComparison.Ordinal))).ToArray())
            annotations.Remove(name);
        if (annotations.Count == 0) node.Remove("annotations");
    }

    private static JsonObject Parse(ManifestDocument document) => JsonNode.Parse(document.Bytes.Span)!.AsObject();

    private static byte[] Bytes(JsonObject root) => JsonBytes.Of(writer => root.WriteTo(writer));
}
