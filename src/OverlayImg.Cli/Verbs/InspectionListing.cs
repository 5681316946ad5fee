using System.Globalization;
using System.Text;
using System.Text.Json;
using OverlayImg.Builders.Inspections;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Reporting;
using OverlayImg.FileSystems;
using OverlayImg.Images;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Manifests;

namespace OverlayImg.Cli.Verbs;

/// <summary>Prints the result of <c>inspect</c> for people. Text from the image is escaped, so that it can't control the terminal.</summary>
internal static class InspectionListing
{
    private const int LongestCommand = 300;

    public static Task PrintAsync(Inspection inspection)
    {
        const int Bold = 1;
        using var listing = new Listing();
        var hasHeadings = inspection.Summary || inspection.Images.Count > 1;
        foreach (var (index, report) in inspection.Images.Index())
        {
            if (index > 0) listing.AddLine();
            if (hasHeadings) listing.AddStyled(report.Image.DisplayName, Bold);
            if (hasHeadings) listing.AddLine();
            var text = new StringBuilder();
            if (inspection.Summary)
            {
                AddSummary(text, report);
                AddContainer(text, report.Image.Config);
                AddAnnotations(text, report.Image);
                listing.Add(text.ToString());
                text.Clear();
            }

            if (inspection.Layers) AddLayers(listing, report.Layers);
            if (inspection.WastedPaths > 0) AddWasted(text, report, inspection.WastedPaths);
            if (inspection.Config) text.AppendLine(ConfigText(report.Image.Config));
            listing.Add(text.ToString());
        }

        listing.Flush();
        return Task.CompletedTask;
    }

    private static void AddSummary(StringBuilder text, ImageReport report)
    {
        var config = report.Image.Config;
        AddField(text, "image ID", config.Id.ToString());
        AddField(text, "platform", config.Platform.ToString());
        AddField(text, "size", $"{Size(report.StoredLength)} stored, {Size(report.Length)} unpacked, {Size(report.FileBytes)} of files");
        AddField(text, "wasted", report.Wasted.Count == 0 ? "nothing" : $"{Size(report.WastedBytes)} in {Counted.Of(report.Wasted.Count, "file")}");
    }

    private static void AddContainer(StringBuilder text, ImageConfig config)
    {
        using var document = JsonDocument.Parse(config.Bytes);
        if (document.RootElement.TryGetProperty("created", out var created)) AddField(text, "created", ValueText(created));
        if (!document.RootElement.TryGetProperty("config", out var container) || container.ValueKind != JsonValueKind.Object) return;
        foreach (var setting in container.EnumerateObject().Where(setting => !IsEmpty(setting.Value)))
        {
            if (setting is { Name: "Env", Value.ValueKind: JsonValueKind.Array })
            {
                foreach (var variable in setting.Value.EnumerateArray()) AddField(text, "Env", ValueText(variable));
            }
            else AddField(text, Printable(setting.Name), ValueText(setting.Value));
        }
    }

    private static void AddAnnotations(StringBuilder text, Image image)
    {
        foreach (var (name, value) in image.Annotations) AddField(text, "annotation", Printable($"{name}={value}"));
    }

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => true,
        JsonValueKind.String => value.ValueEquals(""),
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => value.GetPropertyCount() == 0,
        _ => false,
    };

    private static string ValueText(JsonElement value) =>
        Printable(value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText());

    private static void AddLayers(Listing listing, IReadOnlyList<LayerReport> layers)
    {
        listing.AddLine($"  {Counted.Of(layers.Count, "layer")}, bottom first");
        var largest = layers.Count == 0 ? 0 : layers.Max(layer => layer.Length);
        foreach (var (index, layer) in layers.Index())
        {
            var stored = layer.Compression == CompressionFormat.None
                ? Size(layer.Length) : $"{Size(layer.StoredLength)} ({InspectionJson.NameOf(layer.Compression)}), {Size(layer.Length)} unpacked";
            var whiteouts = layer.Counts.Whiteouts == 0 ? "" : $", {Counted.Of(layer.Counts.Whiteouts, "whiteout")}";
            var entries = Counted.Of(layer.Counts.Entries, "entry", "entries");
            listing.AddLine(string.Create(CultureInfo.InvariantCulture, $"  {index + 1,3}  {stored}, {entries}{whiteouts}"));
            AddBar(listing, layer, largest);
            listing.AddLine($"       diff ID {layer.DiffId}");
            if (layer.Digest != layer.DiffId) listing.AddLine($"       digest  {layer.Digest}");
            if (layer.CreatedBy?.CreatedBy is { Length: > 0 } command)
                listing.AddLine("       " + DisplayName.Cut(Printable(command), LongestCommand, "..."));
        }
    }

    // The bar and the longest text beside it ("  1023.9 MiB wasted") fit into the columns of the terminal.
    private static void AddBar(Listing listing, LayerReport layer, long largest)
    {
        const int Indent = 7, Beside = 20, Longest = 40, Shortest = 4;
        listing.Add(new(' ', Indent));
        SizeBar.Of(layer.Length, layer.WastedBytes, largest, Math.Clamp(listing.Width - Indent - Beside, Shortest, Longest)).AddTo(listing);
        listing.AddLine(layer.WastedBytes == 0 ? "" : $"  {Size(layer.WastedBytes)} wasted");
    }

    private static void AddWasted(StringBuilder text, ImageReport report, int maximum)
    {
        if (report.Wasted.Count == 0) return;
        text.AppendLine(CultureInfo.InvariantCulture, $"  wasted: {Size(report.WastedBytes)} in {Counted.Of(report.Wasted.Count, "file")}");
        foreach (var file in report.Wasted.Take(maximum))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  {Size(file.Length),10}  {file.Path}  {WasteFailure.Story(file)}");
        }

        var rest = report.Wasted.Count - maximum;
        if (rest > 0) text.AppendLine(CultureInfo.InvariantCulture, $"              and {rest} more: --wasted");
    }

    // The default encoder escapes everything except printable ASCII.
    private static string ConfigText(ImageConfig config)
    {
        using var document = JsonDocument.Parse(config.Bytes);
        using var text = new MemoryStream();
        using (var writer = new Utf8JsonWriter(text, new() { Indented = true })) document.WriteTo(writer);
        return Encoding.ASCII.GetString(text.ToArray());
    }

    private static void AddField(StringBuilder text, string name, string value) =>
        text.AppendLine(CultureInfo.InvariantCulture, $"  {name,-12} {value}");

    private static string Printable(string text) => DisplayName.Of(ByteString.FromText(text).Span);

    private static string Size(long bytes) => SizeText.Format(bytes);
}
