using System.Text.Json;
using OverlayImg.FileSystems;
using OverlayImg.Images.Inspection;

namespace OverlayImg.Builders.Pages;

/// <summary>
/// The files that a page draws: the largest entries of each directory. The largest directories are entered first, until the page is full. The same
/// tree gives the same map.
/// </summary>
internal sealed class FileMap
{
    /// <summary>The largest number of entries of a directory on the page.</summary>
    public const int MaximumOfDirectory = 1000;

    /// <summary>The largest number of files and directories on the page.</summary>
    public const int Maximum = 50_000;

    // Names of 4,000 bytes would otherwise make a page of hundreds of megabytes.
    private const int MaximumText = 8 << 20;

    private readonly List<(MapNode Node, int Parent)> _kept;
    private readonly Dictionary<MapNode, (int Files, long Bytes)> _omitted = [];
    private int _text;

    /// <summary>Chooses the files below <paramref name="root"/> that the page shows.</summary>
    public FileMap(MapNode root)
    {
        root.BecomeDirectory();
        _kept = [(root, -1)];
        var pending = new PriorityQueue<int, (long Size, int Order)>();
        pending.Enqueue(0, default);
        while (pending.TryDequeue(out var index, out _))
        {
            foreach (var (place, child) in _kept[index].Node.SortedChildren().Index())
            {
                if (place >= MaximumOfDirectory || _kept.Count >= Maximum || _text >= MaximumText)
                {
                    Omit(_kept[index].Node, child);
                    continue;
                }

                if (child.IsDirectory) pending.Enqueue(_kept.Count, (-child.Size, _kept.Count));
                _kept.Add((child, index));
                _text += child.Name.Length;
            }
        }
    }

    /// <summary>The number of files that the page does not show.</summary>
    public int OmittedFiles { get; private set; }

    /// <summary>Writes the members <c>tree</c>, <c>omittedFiles</c> and <c>bounds</c>.</summary>
    /// <remarks>
    /// The tree is a list, because the depth of the input must not be the depth of the JSON. A file is <c>[parent, name, size, tone, mark]</c>, a
    /// directory is <c>[parent, name, size, tone, files, omitted files, omitted bytes]</c>; a parent is an index in the list.
    /// </remarks>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("tree");
        foreach (var (node, parent) in _kept)
        {
            writer.WriteStartArray();
            writer.WriteNumberValue(parent);
            writer.WriteStringValue(DisplayName.Of(node.Name.Span));
            writer.WriteNumberValue(node.Size);
            writer.WriteNumberValue(node.Tone);
            if (node.IsDirectory)
            {
                var (files, bytes) = _omitted.GetValueOrDefault(node);
                writer.WriteNumberValue(node.Files);
                writer.WriteNumberValue(files);
                writer.WriteNumberValue(bytes);
            }
            else
            {
                writer.WriteStringValue(node.Mark ?? "");
            }

            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteNumber("omittedFiles", OmittedFiles);
        writer.WriteStartObject("bounds");
        writer.WriteNumber("directory", MaximumOfDirectory);
        writer.WriteNumber("all", Maximum);
        writer.WriteEndObject();
    }

    private void Omit(MapNode directory, MapNode child)
    {
        var (files, bytes) = _omitted.GetValueOrDefault(directory);
        _omitted[directory] = (files + child.Files, ByteTotal.Add(bytes, child.Size));
        OmittedFiles += child.Files;
    }
}
