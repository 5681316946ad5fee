using System.Text.Json;
using System.Text.Json.Nodes;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Json;

namespace OverlayImg.Images.Manifests;

/// <summary>Documents of Docker's family (schema 2) that say the same as OCI's, for registries that take no others.</summary>
/// <remarks>Docker's documents have no annotations, and no artifacts: <see cref="Loses(ImageManifest)"/> and the caller tell the user.</remarks>
public static class DockerConversion
{
    /// <summary>The manifest as Docker's; the same one where it is Docker's already.</summary>
    /// <param name="manifest">An image's manifest.</param>
    /// <exception cref="InputException">A layer is compressed by zstd, which Docker's media types can't say; or the manifest is an artifact's.</exception>
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

    /// <summary>The index as Docker's manifest list; the same one where nothing changes.</summary>
    /// <param name="index">The index as it came.</param>
    /// <param name="manifests">Docker's document for each entry; null for an entry that is left out.</param>
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

    /// <summary>Whether the manifest has annotations, which Docker's form does not have.</summary>
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
