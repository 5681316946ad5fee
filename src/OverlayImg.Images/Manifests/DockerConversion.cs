using System.Text.Json;
using System.Text.Json.Nodes;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Json;

namespace OverlayImg.Images.Manifests;

/// <summary>Converts OCI documents to Docker's (schema 2), for registries that accept no others.</summary>
/// <remarks>Docker has no annotations and no artifacts. The caller warns the user; see <see cref="Loses(ImageManifest)"/>.</remarks>
public static class DockerConversion
{
    /// <summary>Returns the manifest as Docker's, or <paramref name="manifest"/> if it is Docker's already.</summary>
    /// <exception cref="InputException">
    /// A layer is compressed with zstd, which Docker can't express, or the manifest is an artifact's.
    /// </exception>
    public static ImageManifest Of(ImageManifest manifest)
    {
        if (manifest is { IsOci: false, MixesFamilies: false }) return manifest;
        if (!manifest.IsImage) throw new InputException("is an artifact, which Docker's documents can't describe", manifest.Where);
        if (manifest.Layers.Any(layer => layer.LayerCompression == CompressionFormat.Zstd))
            throw new InputException("has a layer that is compressed by zstd, which Docker's documents can't describe", manifest.Where);
        var bytes = JsonBytes.Of(writer =>
        {
            writer.WriteStartObject();
            writer.WriteNumber("schemaVersion", 2);
            writer.WriteString("mediaType", MediaTypes.DockerManifest);
            writer.WriteStartObject("config");
            WriteMembers(writer, manifest.Config with { MediaType = MediaTypes.DockerConfig });
            writer.WriteEndObject();
            writer.WriteStartArray("layers");
            foreach (var layer in manifest.Layers)
            {
                writer.WriteStartObject();
                WriteMembers(writer, layer with { MediaType = MediaTypes.LayerOf(layer.MediaType, null, isOci: false) });
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        });
        return (ImageManifest)ManifestDocument.Parse(bytes, MediaTypes.DockerManifest, manifest.Where);
    }

    /// <summary>Returns the index as Docker's manifest list, or <paramref name="index"/> if nothing changes.</summary>
    /// <param name="index">The original index.</param>
    /// <param name="manifests">Descriptor of Docker's document for each entry; null to leave the entry out.</param>
    public static ImageIndex Of(ImageIndex index, IReadOnlyList<Descriptor?> manifests)
    {
        if (!index.IsOci && manifests.Zip(index.Manifests, (now, before) => now?.Digest == before.Digest).All(isSame => isSame)) return index;
        var entries = JsonNode.Parse(index.Bytes.Span)!["manifests"]!.AsArray();
        var bytes = JsonBytes.Of(writer =>
        {
            writer.WriteStartObject();
            writer.WriteNumber("schemaVersion", 2);
            writer.WriteString("mediaType", MediaTypes.DockerManifestList);
            writer.WriteStartArray("manifests");
            foreach (var (number, manifest) in manifests.Index())
            {
                if (manifest is null) continue;
                writer.WriteStartObject();
                WriteMembers(writer, manifest);
                if (entries[number]!["platform"] is { } platform)
                {
                    writer.WritePropertyName("platform");
                    platform.WriteTo(writer);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        });
        return (ImageIndex)ManifestDocument.Parse(bytes, MediaTypes.DockerManifestList, index.Where);
    }

    /// <summary>Whether the manifest has annotations, which Docker's documents can't hold.</summary>
    public static bool Loses(ImageManifest manifest) =>
        manifest.IsOci && (manifest.Annotations.Count > 0 || manifest.Layers.Append(manifest.Config).Any(part => part.Annotations.Count > 0));

    private static void WriteMembers(Utf8JsonWriter writer, Descriptor descriptor)
    {
        writer.WriteString("mediaType", descriptor.MediaType);
        writer.WriteNumber("size", descriptor.Size);
        writer.WriteString("digest", descriptor.Digest.ToString());
        if (descriptor.Urls.Count == 0) return;
        writer.WriteStartArray("urls");
        foreach (var url in descriptor.Urls) writer.WriteStringValue(url);
        writer.WriteEndArray();
    }
}
