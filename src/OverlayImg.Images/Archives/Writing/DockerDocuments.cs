using System.Text.Json;
using OverlayImg.Images.Json;
using OverlayImg.Images.Layouts;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;

namespace OverlayImg.Images.Archives.Writing;

/// <summary>Writes the documents of a docker-archive.</summary>
internal static class DockerDocuments
{
    /// <summary>
    /// <c>manifest.json</c> over the blobs of an OCI layout, as docker 25 and later saves images. No <c>repositories</c>: loaders that want it
    /// (before Docker 1.10) want a directory per layer, too.
    /// </summary>
    /// <exception cref="ArgumentException">One of the images is an index.</exception>
    public static byte[] Manifest(IReadOnlyList<PublishedImage> images) => JsonBytes.Of(writer =>
    {
        writer.WriteStartArray();
        foreach (var image in images)
        {
            var manifest = image.Root as ImageManifest ?? throw new ArgumentException("A docker-archive has no index.", nameof(images));
            Write(writer, image.NamesWithTags, manifest.Config, manifest.Layers);
        }

        writer.WriteEndArray();
    });

    private static void Write(Utf8JsonWriter writer, IReadOnlyList<ImageReference> references, Descriptor config, IReadOnlyList<Descriptor> layers)
    {
        writer.WriteStartObject();
        writer.WriteString("Config", ArchiveMembers.NameOf(config.Digest));
        writer.WriteStartArray("RepoTags");
        foreach (var reference in references.Where(reference => reference.Name.Length > 0)) writer.WriteStringValue(reference.Text);
        writer.WriteEndArray();
        writer.WriteStartArray("Layers");
        foreach (var layer in layers) writer.WriteStringValue(ArchiveMembers.NameOf(layer.Digest));
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
