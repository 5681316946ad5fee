using System.Text.Json;

namespace OverlayImg.Images;

/// <summary>Writes the documents of an OCI layout: compact, keys in a fixed order.</summary>
internal static class OciDocuments
{
    /// <summary>An image's manifest (image-spec, manifest.md).</summary>
    public static byte[] Manifest(Descriptor config, IReadOnlyList<Descriptor> layers) => JsonBytes.Of(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("schemaVersion", 2);
        writer.WriteString("mediaType", MediaTypes.OciManifest);
        writer.WriteStartObject("config");
        WriteMembers(writer, config);
        writer.WriteEndObject();
        writer.WriteStartArray("layers");
        foreach (var layer in layers)
        {
            writer.WriteStartObject();
            WriteMembers(writer, layer);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    /// <summary><c>index.json</c> (image-spec, image-index.md): each image under each of its names, as docker and containerd write it.</summary>
    public static byte[] Index(IReadOnlyList<StoredImage> images) => JsonBytes.Of(writer =>
    {
        // Readers of layouts choose an image by ref.name alone; a tag that several images have is no choice.
        var sharedTags = images.SelectMany(image => image.References).GroupBy(reference => reference.Tag)
            .Where(group => group.Count() > 1).Select(group => group.Key).ToHashSet(StringComparer.Ordinal);
        writer.WriteStartObject();
        writer.WriteNumber("schemaVersion", 2);
        writer.WriteString("mediaType", MediaTypes.OciIndex);
        writer.WriteStartArray("manifests");
        foreach (var image in images)
        {
            if (image.References.Count == 0) WriteImage(writer, image, null, null);
            foreach (var reference in image.References)
            {
                var full = reference.Name.Length == 0 ? null : reference.Full.Text;
                var refName = full is not null && sharedTags.Contains(reference.Tag) ? full : reference.Tag;
                WriteImage(writer, image, full, ReferenceGrammar.IsRefName(refName) ? refName : null);
            }
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private static void WriteImage(Utf8JsonWriter writer, StoredImage image, string? fullName, string? refName)
    {
        writer.WriteStartObject();
        WriteMembers(writer, image.Manifest);
        if ((fullName ?? refName) is not null)
        {
            writer.WriteStartObject("annotations");
            if (fullName is not null) writer.WriteString("io.containerd.image.name", fullName);
            if (refName is not null) writer.WriteString("org.opencontainers.image.ref.name", refName);
            writer.WriteEndObject();
        }

        WritePlatform(writer, image.Config);
        writer.WriteEndObject();
    }

    private static void WritePlatform(Utf8JsonWriter writer, ImageConfig config)
    {
        // The specification wants both parts or no platform at all.
        if (config.Architecture.Length == 0) return;
        writer.WriteStartObject("platform");
        writer.WriteString("architecture", config.Architecture);
        writer.WriteString("os", config.OperatingSystem);
        if (config.Variant.Length > 0) writer.WriteString("variant", config.Variant);
        writer.WriteEndObject();
    }

    private static void WriteMembers(Utf8JsonWriter writer, Descriptor descriptor)
    {
        writer.WriteString("mediaType", descriptor.MediaType);
        writer.WriteString("digest", descriptor.Digest.ToString());
        writer.WriteNumber("size", descriptor.Size);
    }
}
