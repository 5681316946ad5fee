using System.Text.Json;
using System.Text.Json.Nodes;
using OverlayImg.FileSystems;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Sources;

namespace OverlayImg.Images.Archives.Writing;

/// <summary>The members that an archive of dockerTools' buildImage takes over from the archive of the base image.</summary>
/// <param name="Root">The members with their final modes; the caller may add members.</param>
/// <param name="LayerNames">The member name of each layer of the base image, bottom first.</param>
internal sealed record DockerToolsBase(DirectoryNode Root, IReadOnlyList<string> LayerNames)
{
    private const string LayerTar = "/layer.tar";
    private const ushort Writable = 0x92; // 0222
    private const ushort OwnersRead = 0x120; // 0440

    /// <summary>
    /// Takes over the members of the base image's archive. From an archive with one directory per layer (dockerTools,
    /// docker before version 25), all members except the JSON documents are kept. From any other archive, each distinct
    /// layer gets a directory named by its diff ID, and nothing else is kept.
    /// </summary>
    /// <exception cref="InputException">The archive is damaged.</exception>
    public static DockerToolsBase Prepare(ImageSource? archive, IReadOnlyList<Layer> layers, CancellationToken cancellationToken)
    {
        if (archive is null) return new(Closed(new FileTree().Root), []);
        if (archive.Entries.Count == 1 && layers.All(IsInDirectory) && archive.ReadMembers(cancellationToken) is { } members)
            return new(WithoutDocuments(members.Root, cancellationToken), [.. layers.Select(layer => layer.Member)]);
        return InDirectories(layers);
    }

    // containerd looks for exactly the name in manifest.json, so that the member's name must be the same.
    private static bool IsInDirectory(Layer layer) =>
        layer.Member.EndsWith(LayerTar, StringComparison.Ordinal)
        && DirectoryNode.IsValidName(ByteString.FromText(layer.Member[..^LayerTar.Length]).Span);

    private static DirectoryNode WithoutDocuments(DirectoryNode members, CancellationToken cancellationToken)
    {
        var root = Closed(members);
        var pending = new Stack<DirectoryNode>([root]);
        while (pending.TryPop(out var directory))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var (name, node) in directory.UnsortedEntries.ToArray())
            {
                if (directory == root && node is not DirectoryNode && IsDocument(name)) directory.Remove(name);
                else if (node is SymbolicLinkNode) continue;
                else if (node is not DirectoryNode child) directory.Set(name, node.WithMetadata(Closed(node.Metadata)));
                else
                {
                    var closed = Closed(child);
                    directory.Set(name, closed);
                    pending.Push(closed);
                }
            }
        }

        return root;
    }

    private static bool IsDocument(ByteString name) => name.Span.EndsWith(".json"u8) && !name.Span.StartsWith("."u8);

    private static DockerToolsBase InDirectories(IReadOnlyList<Layer> layers)
    {
        var root = Closed(new FileTree().Root);
        Digest? parent = null;
        foreach (var layer in layers.DistinctBy(layer => layer.DiffId))
        {
            var json = new JsonObject { ["id"] = layer.DiffId.Hex };
            if (parent is { } below) json["parent"] = below.Hex;
            using var document = JsonDocument.Parse(json.ToJsonString());
            var directory = DockerToolsArchive.LayerDirectory(JshonText.Write(document.RootElement), layer.StoredContent);
            root.Set(ByteString.FromText(layer.DiffId.Hex), directory);
            parent = layer.DiffId;
        }

        return new(root, [.. layers.Select(layer => layer.DiffId.Hex + LayerTar)]);
    }

    private static DirectoryNode Closed(DirectoryNode directory) => directory.Copy(Closed(directory.Metadata));

    // dockerTools runs chmod ug+rw and then a-w.
    private static Metadata Closed(Metadata metadata) =>
        metadata with { Permissions = (ushort)((metadata.Permissions | OwnersRead) & ~Writable) };
}
