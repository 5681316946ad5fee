using System.Text.Json;
using OverlayImg.Images.Json;
using OverlayImg.Images.Layouts;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;

namespace OverlayImg.Images.Archives.Writing;

/// <summary>Writes <c>manifest.json</c> of a docker-archive.</summary>
internal static class DockerDocuments
{
    /// <summary>
    /// Writes <c>manifest.json</c> for the blobs of an OCI layout, as docker 25 and later do. There is no
    /// <c>repositories</c>: loaders that need it (before Docker 1.10) also need a directory per layer.
    /// </summary>
    /// <exception cref="ArgumentException">An image is an index.</exception>
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
