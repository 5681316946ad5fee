using System.Text.Json;
using System.Text.Json.Nodes;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;

namespace OverlayImg.Images.Archives.Writing;

/// <summary>
/// Writes, to the byte, the uncompressed tar of dockerTools' buildImage (spec dockertools, 1.11): a directory per layer with <c>VERSION</c>,
/// <c>json</c> and <c>layer.tar</c>, the config as <c>IMAGE-ID.json</c>, <c>manifest.json</c> as jq prints it and <c>repositories</c> as jshon does.
/// </summary>
public static class DockerToolsArchive
{
    private static readonly ByteString LayerTarName = new("layer.tar"u8);
    private static readonly ByteString JsonName = new("json"u8);
    private static readonly ByteString VersionName = new("VERSION"u8);

    // What chmod -R ug+rw and then a-w leave of 0644 and 0755.
    private static readonly Metadata File = Metadata.DefaultFile with { Permissions = 0x124 /* 0444 */ };
    private static readonly Metadata Directory = Metadata.DefaultDirectory with { Permissions = 0x16D /* 0555 */ };

    /// <summary>Writes the archive, end marker included.</summary>
    /// <param name="image">What to write.</param>
    /// <param name="output">Gets the tar.</param>
    /// <param name="fileTime">The time of every member.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="InputException">The base's archive is damaged.</exception>
    public static void Write(DockerToolsImage image, Stream output, Timestamp fileTime, CancellationToken cancellationToken)
    {
        var members = DockerToolsBase.Prepare(image.BaseArchive, image.BaseLayers, cancellationToken);
        var root = members.Root;
        root.Set(ByteString.FromText(image.LayerId.Hex), LayerDirectory(image.LayerJson, image.LayerTar));
        var config = Digest.Of(image.Config.Span).Hex + ".json";
        root.Set(ByteString.FromText(config), MemoryFile(image.Config));
        root.Set(new("manifest.json"u8), MemoryFile(Manifest(image, config, members.LayerNames)));
        root.Set(new("repositories"u8), MemoryFile(Repositories(image)));
        var options = new TarWriterOptions
        {
            MTime = fileTime,
            HardLinks = TarHardLinks.Dereference,
            Uid = 0,
            Gid = 0,
            Names = TarNames.Plain,
            Xattrs = false,
        };
        TarTreeWriter.Write(new(root), output, options, cancellationToken);
    }

    /// <summary>A layer's directory, which old loaders take for an image of its own.</summary>
    internal static DirectoryNode LayerDirectory(ReadOnlyMemory<byte> json, FileContent layerTar)
    {
        var directory = new DirectoryNode(Directory);
        directory.Set(VersionName, MemoryFile("1.0"u8.ToArray()));
        directory.Set(JsonName, MemoryFile(json));
        directory.Set(LayerTarName, new RegularFileNode(File, layerTar));
        return directory;
    }

    private static RegularFileNode MemoryFile(ReadOnlyMemory<byte> bytes) => new(File, new MemoryContent(bytes));

    private static byte[] Manifest(DockerToolsImage image, string config, IReadOnlyList<string> baseLayerNames) => JqText.Write(Element(new JsonArray(
        new JsonObject
        {
            ["RepoTags"] = new JsonArray(image.Reference.Text),
            ["Layers"] = new JsonArray([.. baseLayerNames.Append($"{image.LayerId.Hex}/layer.tar").Select(name => JsonValue.Create(name))]),
            ["Config"] = config,
        })));

    private static byte[] Repositories(DockerToolsImage image) => JshonText.Write(Element(
        new JsonObject { [image.Reference.Name] = new JsonObject { [image.Reference.Tag] = image.LayerId.Hex } }));

    private static JsonElement Element(JsonNode node)
    {
        using var document = JsonDocument.Parse(node.ToJsonString());
        return document.RootElement.Clone();
    }
}
