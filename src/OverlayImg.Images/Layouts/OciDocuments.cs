using System.Text.Json;
using OverlayImg.Images.Json;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;

namespace OverlayImg.Images.Layouts;

/// <summary>Writes the documents of an OCI layout: compact, keys in a fixed order.</summary>
internal static class OciDocuments
{
    /// <summary>An image's manifest (image-spec, manifest.md).</summary>
    /// <param name="config">The config.</param>
    /// <param name="layers">The layers, bottom first.</param>
    /// <param name="annotations">The annotations by name; a manifest without annotations has no member for them.</param>
    public static byte[] Manifest(Descriptor config, IReadOnlyList<Descriptor> layers, IReadOnlyDictionary<string, string> annotations) => JsonBytes.Of(writer =>
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

    /// <summary><c>oci-layout</c> (image-spec, image-layout.md).</summary>
    public static byte[] Version() => """{"imageLayoutVersion":"1.0.0"}"""u8.ToArray();

    /// <summary>The entries of images in an index that has no others: each image under each of its names, as docker and containerd write it.</summary>
    /// <exception cref="InputException">A name is no image's name.</exception>
    public static IReadOnlyList<LayoutEntry> EntriesOf(IReadOnlyList<PublishedImage> images)
    {
        foreach (var image in images) PublishedImage.RequireNames(image.References, image.RefName);
        // Readers of layouts choose an image by ref.name alone. A tag that several names have would be there twice, which umoci refuses.
        var sharedTags = images.SelectMany(image => image.NamesWithTags).GroupBy(reference => reference.Tag)
            .Where(group => group.Count() > 1).Select(group => group.Key).ToHashSet(StringComparer.Ordinal);
        return [.. images.SelectMany(image => EntriesOf(image.Root.Descriptor with { Platform = image.Platform }, image.NamesWithTags, image.RefName, sharedTags))];
    }

    /// <summary><c>index.json</c> (image-spec, image-index.md).</summary>
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

    /// <summary>An entry of <c>index.json</c>.</summary>
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

    /// <summary>The entries of a document under its names.</summary>
    /// <param name="document">What is named.</param>
    /// <param name="references">Its names, each with a tag.</param>
    /// <param name="chosen">The one name by which readers of layouts shall find it; null: by each of its own.</param>
    /// <param name="sharedTags">Tags that are no choice.</param>
    private static IEnumerable<LayoutEntry> EntriesOf(Descriptor document, IReadOnlyList<ImageReference> references, string? chosen, HashSet<string> sharedTags)
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
