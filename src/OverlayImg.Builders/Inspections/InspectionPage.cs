using System.Text.Json;
using OverlayImg.Builders.Pages;
using OverlayImg.FileSystems;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Inspection;
using OverlayImg.Images.Json;

namespace OverlayImg.Builders.Inspections;

/// <summary>The HTML page about an image: its files by layer, its layers, and its largest and wasted files.</summary>
internal sealed class InspectionPage
{
    private const int MaximumLargest = 200;
    private const int MaximumWasted = 1000;

    private readonly FileMap _map;
    private readonly IReadOnlyList<(ByteString Path, long Size, int Layer)> _largest;

    /// <summary>Chooses the files that the page shows.</summary>
    /// <param name="layers">The layers in overlay form with resolved references to lower layers, bottom first.</param>
    /// <param name="merged">The merged tree of the layers.</param>
    public InspectionPage(IReadOnlyList<FileTree> layers, FileTree merged, CancellationToken cancellationToken)
    {
        var origins = new LayerOrigins(layers, cancellationToken);
        var root = new MapNode(ByteString.Empty, null);
        root.BecomeDirectory();
        var directories = new Dictionary<ByteString, MapNode> { [ByteString.Empty] = root };
        var seen = new HashSet<FileNode>(ReferenceEqualityComparer.Instance);
        var files = new PriorityQueue<(ByteString Path, long Size, int Layer), (long Size, int Order)>();
        foreach (var (path, node) in merged.Walk().Skip(1))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var entry = directories[TreePath.Parent(path)].Add(TreePath.Name(path));
            if (node is DirectoryNode)
            {
                entry.BecomeDirectory();
                directories.Add(path, entry);
                continue;
            }

            // A file with several names counts at its first name.
            var isFirst = seen.Add(node);
            var size = isFirst && node is RegularFileNode { Content.Length: var length } ? length : 0;
            var layer = origins.Of(node) ?? 0;
            entry.Count(size, layer, MarkOf(node, isFirst));
            if (size > 0) files.Enqueue((path, size, layer), (size, -seen.Count));
            if (files.Count > MaximumLargest) files.Dequeue();
        }

        _map = new(root);
        var largest = new List<(ByteString, long, int)>();
        while (files.TryDequeue(out var file, out _)) largest.Add(file);
        largest.Reverse();
        _largest = largest;
    }

    /// <summary>The page as HTML in UTF-8. The same image gives the same bytes.</summary>
    public byte[] Compose(ImageReport report) => Page.Compose("inspect", report.Image.DisplayName, writer =>
    {
        PageImage.WriteNames(writer, report.Image);
        writer.WriteNumber("stored", report.StoredLength);
        writer.WriteNumber("size", report.Length);
        writer.WriteNumber("fileBytes", report.FileBytes);
        writer.WriteNumber("wastedBytes", report.WastedBytes);
        writer.WriteNumber("wastedPercent", Math.Round(report.WastedPercent, 2));
        writer.WriteStartArray("layers");
        foreach (var layer in report.Layers) WriteLayer(writer, layer);
        writer.WriteEndArray();
        PageImage.WriteConfig(writer, report.Image);
        _map.Write(writer);
        WriteLargest(writer);
        WriteWasted(writer, report.Wasted);
    });

    private static string? MarkOf(FileNode node, bool isFirst) => node switch
    {
        SymbolicLinkNode => "l",
        SpecialNode => "s",
        _ => isFirst ? null : "h",
    };

    private static void WriteLayer(Utf8JsonWriter writer, LayerReport layer)
    {
        writer.WriteStartObject();
        writer.WriteString("command", Page.Cut(layer.CreatedBy?.CreatedBy is { } command ? JsonInput.Printable(command) : null));
        writer.WriteString("diffId", layer.DiffId.ToString());
        writer.WriteString("digest", layer.Digest.ToString());
        writer.WriteBoolean("compressed", layer.Compression != CompressionFormat.None);
        writer.WriteNumber("stored", layer.StoredLength);
        writer.WriteNumber("size", layer.Length);
        writer.WriteNumber("entries", layer.Counts.Entries);
        writer.WriteNumber("whiteouts", layer.Counts.Whiteouts);
        writer.WriteNumber("wasted", layer.WastedBytes);
        writer.WriteEndObject();
    }

    private void WriteLargest(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("largest");
        foreach (var (path, size, layer) in _largest)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(PageImage.PathOf(path));
            writer.WriteNumberValue(size);
            writer.WriteNumberValue(layer);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }

    private static void WriteWasted(Utf8JsonWriter writer, IReadOnlyList<WastedFile> wasted)
    {
        writer.WriteStartArray("wasted");
        foreach (var file in wasted.Take(MaximumWasted))
        {
            writer.WriteStartArray();
            writer.WriteStringValue(PageImage.PathOf(file.Path));
            writer.WriteNumberValue(file.Length);
            writer.WriteNumberValue(file.Layer);
            writer.WriteNumberValue(file.GoneBy);
            writer.WriteBooleanValue(file.IsDeleted);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteNumber("wastedFiles", wasted.Count);
    }
}
