using System.Text.Json;
using OverlayImg.Builders.Pages;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Comparison;
using OverlayImg.Images.BaseImages;
using OverlayImg.Images.Inspection;
using OverlayImg.Images.Json;

namespace OverlayImg.Builders.Diffs;

/// <summary>The HTML page about the differences between two images: the images side by side, and the paths and the fields that differ.</summary>
internal sealed class DiffPage
{
    private const int MaximumPaths = 10_000;
    private const int MaximumPathText = 8 << 20;
    private const int MaximumFields = 2000;
    private const int MaximumAspects = 12;
    private const int LongestAspect = 200;

    private readonly Side _first;
    private readonly Side _second;
    private readonly ImageDifferences _differences;
    private readonly ChangedPath[] _paths;

    /// <summary>Finds the size and the layer of each path that differs. The images must be open.</summary>
    public DiffPage(BaseImage first, BaseImage second, ImageDifferences differences, CancellationToken cancellationToken)
    {
        _differences = differences;
        (_first, _second) = (new(first, cancellationToken), new(second, cancellationToken));
        _paths = new ChangedPath[differences.Paths.Count];
        foreach (var (index, path) in differences.Paths.Index())
        {
            cancellationToken.ThrowIfCancellationRequested();
            _paths[index] = new(path, _first.Find(path.Path), _second.Find(path.Path));
        }
    }

    /// <summary>The page as HTML in UTF-8. The same images give the same bytes.</summary>
    public byte[] Compose() => Page.Compose("diff", $"{_differences.First.Name} and {_differences.Second.Name}", writer =>
    {
        WriteSide(writer, "first", _first, _second, path => path.First);
        WriteSide(writer, "second", _second, _first, path => path.Second);
        WriteTotals(writer);
        WriteFields(writer);
        WritePaths(writer);
        MapOf(_paths).Write(writer);
    });

    /// <summary>A path that differs, with its file in each image.</summary>
    private sealed record ChangedPath(PathDifference Difference, Occurrence First, Occurrence Second)
    {
        /// <summary>The size of the larger file in bytes, which is the size of the path in the map.</summary>
        public long Weight => Math.Max(First.Size ?? 0, Second.Size ?? 0);

        public int Tone => (int)Difference.Change;
    }

    /// <summary>A path in one of the images.</summary>
    /// <param name="Node">The file; null if the image lacks the path.</param>
    /// <param name="Size">The size of a regular file in bytes; null for other files.</param>
    /// <param name="Layer">The index of the layer that stores the file; null if no single layer does.</param>
    private sealed record Occurrence(FileNode? Node, long? Size, int? Layer);

    private sealed class Side(BaseImage image, CancellationToken cancellationToken)
    {
        private readonly LayerOrigins _origins = new([.. image.Layers.Select(layer => layer.Tree)], cancellationToken);

        public BaseImage Image => image;

        public Occurrence Find(ByteString path)
        {
            var node = image.Merged.Find(path.Span);
            return new(node, (node as RegularFileNode)?.Content.Length, node is null ? null : _origins.Of(node));
        }
    }

    private static FileMap MapOf(IEnumerable<ChangedPath> paths)
    {
        var root = new MapNode(ByteString.Empty, null);
        var nodes = new Dictionary<ByteString, MapNode> { [ByteString.Empty] = root };
        var seen = new HashSet<FileNode>(ReferenceEqualityComparer.Instance);
        foreach (var changed in paths.Where(changed => !changed.Difference.Path.IsEmpty))
        {
            var file = changed.Second.Node is null or DirectoryNode ? changed.First.Node : changed.Second.Node;
            if (file is null or DirectoryNode) continue;
            // A file with several names counts at its first name.
            NodeAt(nodes, changed.Difference.Path).Count(seen.Add(file) ? changed.Weight : 0, changed.Tone, null);
        }

        return new(root);
    }

    private static MapNode NodeAt(Dictionary<ByteString, MapNode> nodes, ByteString path)
    {
        var missing = new Stack<ByteString>();
        MapNode? node;
        for (; !nodes.TryGetValue(path, out node); path = TreePath.Parent(path)) missing.Push(path);
        while (missing.TryPop(out var next)) nodes.Add(next, node = node.Add(TreePath.Name(next)));
        return node;
    }

    private void WriteSide(Utf8JsonWriter writer, string name, Side side, Side other, Func<ChangedPath, Occurrence> occurrence)
    {
        var image = side.Image.Image;
        writer.WriteStartObject(name);
        PageImage.WriteNames(writer, image);
        writer.WriteNumber("fileBytes", ByteTotal.OfFiles(side.Image.Merged));
        writer.WriteNumber("stored", ByteTotal.Of(image.Layers.DistinctBy(layer => layer.DiffId).Select(layer => layer.StoredLength)));
        var differing = _paths.Select(path => occurrence(path).Layer).OfType<int>().CountBy(layer => layer).ToDictionary();
        var common = other.Image.Image.Layers.Select(layer => layer.DiffId).ToHashSet();
        var makers = HistoryEntry.OfLayers(HistoryEntry.Of(image.Config), image.Layers.Count);
        writer.WriteStartArray("layers");
        foreach (var (index, layer) in image.Layers.Index())
        {
            writer.WriteStartObject();
            writer.WriteString("command", Page.Cut(makers?[index].CreatedBy is { } command ? JsonInput.Printable(command) : null));
            writer.WriteString("diffId", layer.DiffId.ToString());
            writer.WriteNumber("size", layer.StoredLength);
            writer.WriteBoolean("common", common.Contains(layer.DiffId));
            writer.WriteNumber("paths", differing.GetValueOrDefault(index));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    // Of each kind of change: the number of paths, and the bytes that the second image has more or less. A file with several names counts once.
    private void WriteTotals(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("totals");
        foreach (var change in (PathChange[])[PathChange.Added, PathChange.Removed, PathChange.Changed])
        {
            var paths = _paths.Where(path => path.Difference.Change == change).ToArray();
            writer.WriteStartArray();
            writer.WriteNumberValue(paths.Length);
            writer.WriteNumberValue(BytesOf(paths.Select(path => path.Second)) - BytesOf(paths.Select(path => path.First)));
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }

    private static long BytesOf(IEnumerable<Occurrence> files) =>
        ByteTotal.Of(files.DistinctBy(file => file.Node, ReferenceEqualityComparer.Instance).Select(file => file.Size ?? 0));

    private void WriteFields(Utf8JsonWriter writer)
    {
        var fields = _differences.Fields;
        writer.WriteStartArray("fields");
        foreach (var (field, first, second) in fields.Take(MaximumFields))
        {
            writer.WriteStartArray();
            foreach (var text in new[] { field, first, second }) writer.WriteStringValue(Page.Cut(text));
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteNumber("omittedFields", Math.Max(fields.Count - MaximumFields, 0));
    }

    // The largest files come first, and paths of the same size in the order of the comparison.
    private void WritePaths(Utf8JsonWriter writer)
    {
        var (written, text) = (0, 0);
        writer.WriteStartArray("paths");
        foreach (var path in _paths.OrderByDescending(path => path.Weight).Take(MaximumPaths))
        {
            if (text >= MaximumPathText) break;
            text += path.Difference.Path.Length;
            written++;
            WritePath(writer, path);
        }

        writer.WriteEndArray();
        writer.WriteNumber("omittedPaths", _paths.Length - written);
        writer.WriteNumber("maximumPaths", MaximumPaths);
    }

    // [path, change, first size, second size, first layer, second layer, aspects, number of further aspects]. An unknown value is null.
    private static void WritePath(Utf8JsonWriter writer, ChangedPath path)
    {
        writer.WriteStartArray();
        writer.WriteStringValue(PageImage.PathOf(path.Difference.Path));
        writer.WriteNumberValue(path.Tone);
        foreach (var number in (long?[])[path.First.Size, path.Second.Size, path.First.Layer, path.Second.Layer])
        {
            if (number is { } known) writer.WriteNumberValue(known);
            else writer.WriteNullValue();
        }

        writer.WriteStartArray();
        foreach (var (aspect, first, second) in path.Difference.Aspects.Take(MaximumAspects))
        {
            writer.WriteStartArray();
            foreach (var text in new[] { aspect, first, second }) writer.WriteStringValue(Page.Cut(text, LongestAspect));
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteNumberValue(Math.Max(path.Difference.Aspects.Count - MaximumAspects, 0));
        writer.WriteEndArray();
    }
}
