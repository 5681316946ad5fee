using System.Text.Json;
using System.Text.Json.Nodes;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;

namespace OverlayImg.Images.Archives.Writing;

/// <summary>
/// Writes the same uncompressed tar as nixpkgs' dockerTools.buildImage, byte for byte: a directory per layer with
/// <c>VERSION</c>, <c>json</c> and <c>layer.tar</c>, the config as <c>IMAGE-ID.json</c>, <c>manifest.json</c> in the
/// format of jq, and <c>repositories</c> in the format of jshon.
/// </summary>
public static class DockerToolsArchive
{
    private static readonly ByteString LayerTarName = new("layer.tar"u8);
    private static readonly ByteString JsonName = new("json"u8);
    private static readonly ByteString VersionName = new("VERSION"u8);

    // dockerTools makes files with 0644 and 0755, and then runs chmod -R ug+rw and a-w.
    private static readonly Metadata File = Metadata.DefaultFile with { Permissions = 0x124 /* 0444 */ };
    private static readonly Metadata Directory = Metadata.DefaultDirectory with { Permissions = 0x16D /* 0555 */ };

    /// <summary>Writes the archive including the end marker.</summary>
    /// <param name="fileTime">The modification time of every member.</param>
    /// <exception cref="InputException">The archive of the base image is damaged.</exception>
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

    /// <summary>Makes the directory of a layer. Loaders before Docker 1.10 read each such directory as an image.</summary>
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
