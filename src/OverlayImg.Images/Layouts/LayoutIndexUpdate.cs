using System.Text.Json;
using OverlayImg.Images.Json;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;

namespace OverlayImg.Images.Layouts;

/// <summary>Adds entries to a layout's <c>index.json</c>. Everything else in the document is kept byte for byte.</summary>
internal static class LayoutIndexUpdate
{
    private const string Manifests = "manifests";

    /// <param name="old">The current index; null for none.</param>
    /// <param name="entries">Entries to add. A later entry replaces an earlier one of the same name.</param>
    public static byte[] Apply(ImageIndex? old, IReadOnlyList<LayoutEntry> entries)
    {
        var kept = new List<(Descriptor Entry, string Json)>();
        using var document = old is null ? null : JsonDocument.Parse(old.Bytes);
        if (old is not null)
        {
            var elements = document!.RootElement.GetProperty(Manifests).EnumerateArray();
            kept.AddRange(old.Manifests.Zip(elements, (entry, json) => (entry, json.GetRawText())));
        }

        var added = new List<LayoutEntry>();
        foreach (var entry in entries)
        {
            var resolved = ResolveName(entry, kept.Select(pair => EntryOf(pair.Entry)).Concat(added));
            added.RemoveAll(other => IsReplaced(other, resolved));
            kept.RemoveAll(pair => IsReplaced(EntryOf(pair.Entry), resolved));
            added.Add(resolved);
        }

        return document is null ? OciDocuments.Index(added) : Write(document.RootElement, kept.Select(pair => pair.Json), added);
    }

    // An image gets its full name as ref name if another image of the layout has its tag as ref name.
    private static LayoutEntry ResolveName(LayoutEntry entry, IEnumerable<LayoutEntry> others)
    {
        if (!entry.GivesWay || entry.FullName is null || !ReferenceGrammar.IsRefName(entry.FullName)) return entry;
        var isTaken = others.Any(other => other.RefName == entry.RefName && other.FullName is { } name && name != entry.FullName);
        return isTaken ? entry with { RefName = entry.FullName } : entry;
    }

    private static bool IsReplaced(LayoutEntry entry, LayoutEntry by)
    {
        if (by.RefName is not null) return entry.RefName == by.RefName;
        // An unnamed image gets one entry only.
        return entry.RefName is null && entry.FullName == by.FullName && (by.FullName is not null || entry.Document.Digest == by.Document.Digest);
    }

    private static LayoutEntry EntryOf(Descriptor entry) =>
        new(entry, entry.Annotations.GetValueOrDefault(LayoutImage.RefName)) { FullName = entry.Annotations.GetValueOrDefault(LayoutImage.FullName) };

    private static byte[] Write(JsonElement old, IEnumerable<string> kept, IEnumerable<LayoutEntry> added) => JsonBytes.Of(writer =>
    {
        writer.WriteStartObject();
        foreach (var member in old.EnumerateObject())
        {
            writer.WritePropertyName(member.Name);
            if (member.Name != Manifests)
            {
                writer.WriteRawValue(member.Value.GetRawText());
                continue;
            }

            writer.WriteStartArray();
            foreach (var json in kept) writer.WriteRawValue(json);
            foreach (var entry in added) OciDocuments.Write(writer, entry);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    });
}
