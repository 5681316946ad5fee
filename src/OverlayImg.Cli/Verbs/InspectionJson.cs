using System.Text.Json;
using OverlayImg.Builders.Inspections;
using OverlayImg.Cli.Reporting;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Inspection;

namespace OverlayImg.Cli.Verbs;

/// <summary>Writes the JSON of <c>inspect --json</c>. Paths are escaped like those of <c>ls -b</c>, because names need not be UTF-8.</summary>
internal static class InspectionJson
{
    public static void Write(Utf8JsonWriter writer, Inspection inspection, IReadOnlyList<string> warnings)
    {
        if (inspection.Limit is { } limit) writer.WriteString("maxWaste", limit.Text);
        if (inspection.Page is { } page) PageText.Write(writer, page);
        writer.WriteStartArray("images");
        foreach (var image in inspection.Images)
        {
            writer.WriteStartObject();
            WriteImage(writer, image);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteTexts("warnings", warnings);
    }

    /// <summary>The name of a compression, for people and in JSON.</summary>
    public static string NameOf(CompressionFormat format) => format switch
    {
        CompressionFormat.None => "none",
        CompressionFormat.Gzip => "gzip",
        CompressionFormat.Zstd => "zstd",
        CompressionFormat.Xz => "xz",
        _ => "bzip2",
    };

    private static void WriteImage(Utf8JsonWriter writer, ImageReport report)
    {
        writer.WriteTexts("names", report.Image.References.Select(reference => reference.ToString()));
        writer.WriteString("imageId", report.Image.Config.Id.ToString());
        if (report.Image.Manifest is { } manifest) writer.WriteString("digest", manifest.Digest.ToString());
        writer.WriteStartObject("annotations");
        foreach (var (name, text) in report.Image.Annotations) writer.WriteString(name, text);
        writer.WriteEndObject();
        writer.WriteNumber("storedSize", report.StoredLength);
        writer.WriteNumber("size", report.Length);
        writer.WriteNumber("fileBytes", report.FileBytes);
        writer.WriteNumber("wastedBytes", report.WastedBytes);
        writer.WriteNumber("wastedPercent", Math.Round(report.WastedPercent, 2));
        writer.WriteStartArray("layers");
        foreach (var layer in report.Layers) WriteLayer(writer, layer);
        writer.WriteEndArray();
        writer.WriteStartArray("history");
        foreach (var entry in report.History) WriteHistory(writer, entry);
        writer.WriteEndArray();
        writer.WriteStartArray("wasted");
        foreach (var file in report.Wasted) WriteWasted(writer, file);
        writer.WriteEndArray();
        writer.WritePropertyName("config");
        using var config = JsonDocument.Parse(report.Image.Config.Bytes);
        config.WriteTo(writer);
    }

    private static void WriteLayer(Utf8JsonWriter writer, LayerReport layer)
    {
        writer.WriteStartObject();
        writer.WriteString("diffId", layer.DiffId.ToString());
        writer.WriteString("digest", layer.Digest.ToString());
        writer.WriteString("compression", NameOf(layer.Compression));
        writer.WriteNumber("storedSize", layer.StoredLength);
        writer.WriteNumber("size", layer.Length);
        writer.WriteNumber("entries", layer.Counts.Entries);
        writer.WriteNumber("whiteouts", layer.Counts.Whiteouts);
        writer.WriteNumber("fileBytes", layer.Counts.FileBytes);
        writer.WriteNumber("wastedBytes", layer.WastedBytes);
        writer.WriteString("createdBy", layer.CreatedBy?.CreatedBy);
        writer.WriteEndObject();
    }

    private static void WriteHistory(Utf8JsonWriter writer, HistoryEntry entry)
    {
        writer.WriteStartObject();
        writer.WriteString("created", entry.Created);
        writer.WriteString("createdBy", entry.CreatedBy);
        writer.WriteString("comment", entry.Comment);
        writer.WriteBoolean("emptyLayer", entry.IsEmptyLayer);
        writer.WriteEndObject();
    }

    private static void WriteWasted(Utf8JsonWriter writer, WastedFile file)
    {
        writer.WriteStartObject();
        writer.WriteString("path", file.Path.ToString());
        writer.WriteNumber("size", file.Length);
        writer.WriteNumber("layer", file.Layer + 1);
        writer.WriteNumber("goneByLayer", file.GoneBy + 1);
        writer.WriteBoolean("deleted", file.IsDeleted);
        writer.WriteEndObject();
    }
}
