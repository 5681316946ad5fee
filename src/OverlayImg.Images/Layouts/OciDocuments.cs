using System.Text.Json;
using OverlayImg.Images.Json;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;

namespace OverlayImg.Images.Layouts;

/// <summary>Writes the documents of an OCI layout as compact JSON with a fixed order of keys.</summary>
internal static class OciDocuments
{
    /// <summary>Writes the manifest of an image (OCI Image Specification, manifest).</summary>
    /// <param name="config">Descriptor of the config.</param>
    /// <param name="layers">Descriptors of the layers, bottom first.</param>
    /// <param name="annotations">The annotations by name; if there are none, the manifest has no <c>annotations</c>.</param>
    public static byte[] Manifest(
        Descriptor config, IReadOnlyList<Descriptor> layers, IReadOnlyDictionary<string, string> annotations) => JsonBytes.Of(writer =>
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
        if (annotations.Count > 0)
        {
            writer.WriteStartObject("annotations");
            foreach (var (name, text) in annotations.OrderBy(annotation => annotation.Key, StringComparer.Ordinal)) writer.WriteString(name, text);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    });

    /// <summary>Writes <c>oci-layout</c> (OCI Image Specification, image-layout).</summary>
    public static byte[] Version() => """{"imageLayoutVersion":"1.0.0"}"""u8.ToArray();

    /// <summary>Makes the entries of a new <c>index.json</c>: one for each name of each image, as docker and containerd do.</summary>
    /// <exception cref="InputException">A name is not a valid image name.</exception>
    public static IReadOnlyList<LayoutEntry> EntriesOf(IReadOnlyList<PublishedImage> images)
    {
        foreach (var image in images) PublishedImage.RequireNames(image.References, image.RefName);
        // Readers of layouts select an image by ref.name alone. A tag that several names share would occur twice, which
        // umoci refuses.
        var sharedTags = images.SelectMany(image => image.NamesWithTags).GroupBy(reference => reference.Tag)
            .Where(group => group.Count() > 1).Select(group => group.Key).ToHashSet(StringComparer.Ordinal);
        return [.. images.SelectMany(image => EntriesOf(
            image.Root.Descriptor with { Platform = image.Platform }, image.NamesWithTags, image.RefName, sharedTags))];
    }

    /// <summary>Writes <c>index.json</c> (OCI Image Specification, image-layout).</summary>
    public static byte[] Index(IReadOnlyList<LayoutEntry> entries) => JsonBytes.Of(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("schemaVersion", 2);
        writer.WriteString("mediaType", MediaTypes.OciIndex);
        writer.WriteStartArray("manifests");
        foreach (var entry in entries) Write(writer, entry);
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    public static void Write(Utf8JsonWriter writer, LayoutEntry entry)
    {
        writer.WriteStartObject();
        WriteMembers(writer, entry.Document);
        if ((entry.FullName ?? entry.RefName) is not null)
        {
            writer.WriteStartObject("annotations");
            if (entry.FullName is not null) writer.WriteString(LayoutImage.FullName, entry.FullName);
            if (entry.RefName is not null) writer.WriteString(LayoutImage.RefName, entry.RefName);
            writer.WriteEndObject();
        }

        if (entry.Document.Platform is { } platform) Write(writer, platform);
        writer.WriteEndObject();
    }

    /// <param name="document">Descriptor of the manifest or index.</param>
    /// <param name="references">The names of the image, each with a tag.</param>
    /// <param name="chosen">The only ref.name of the image; null to derive one from each reference.</param>
    /// <param name="sharedTags">Tags that several names share; they can't be a ref.name alone.</param>
    private static IEnumerable<LayoutEntry> EntriesOf(
        Descriptor document, IReadOnlyList<ImageReference> references, string? chosen, HashSet<string> sharedTags)
    {
        if (chosen is not null)
        {
            yield return new(document, chosen) { FullName = FullNameOf(references.FirstOrDefault(reference => reference.Name.Length > 0)) };
            yield break;
        }

        if (references.Count == 0) yield return new(document, null);
        foreach (var reference in references)
        {
            var full = FullNameOf(reference);
            var refName = full is not null && sharedTags.Contains(reference.Tag) ? full : reference.Tag;
            yield return new(document, ReferenceGrammar.IsRefName(refName) ? refName : null) { FullName = full, GivesWay = full is not null };
        }
    }

    private static string? FullNameOf(ImageReference? reference) => reference is null or { Name.Length: 0 } ? null : reference.Full.Text;

    private static void Write(Utf8JsonWriter writer, Platform platform)
    {
        writer.WriteStartObject("platform");
        writer.WriteString("architecture", platform.Architecture);
        writer.WriteString("os", platform.OperatingSystem);
        if (platform.Variant.Length > 0) writer.WriteString("variant", platform.Variant);
        writer.WriteEndObject();
    }

    private static void WriteMembers(Utf8JsonWriter writer, Descriptor descriptor)
    {
        writer.WriteString("mediaType", descriptor.MediaType);
        writer.WriteString("digest", descriptor.Digest.ToString());
        writer.WriteNumber("size", descriptor.Size);
    }
}
