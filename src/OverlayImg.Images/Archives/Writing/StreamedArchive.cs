using System.Text.Json;
using System.Text.Json.Nodes;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;

namespace OverlayImg.Images;

/// <summary>
/// Writes the archive of nixpkgs' <c>stream_layered_image.py</c> (spec dockertools, 1.13): the layers in their order, the config, <c>manifest.json</c>,
/// with headers as Python writes them. Where the script takes headers over from a base's archive or from a file of the host (owners, modes), they are
/// those of all other members here, so that the same image is the same bytes everywhere.
/// </summary>
public static class StreamedArchive
{
    /// <summary>Writes the archive, end marker included. Layers are read once and go straight through.</summary>
    /// <exception cref="InputException">A layer's source changed or ends early.</exception>
    public static void Write(StreamedImage image, Stream output, CancellationToken cancellationToken)
    {
        using var tar = new TarWriter(output, TarFormat.Python);
        var config = Digest.Of(image.Config.Span).Hex + ".json";
        foreach (var (name, content) in image.Layers) Write(name, content);
        Write(config, new MemoryContent(image.Config));
        Write(DockerManifest.Name, new MemoryContent(Manifest(image, config)));
        tar.Complete();

        void Write(string name, FileContent content) => tar.Write(
            new()
            {
                Name = ByteString.FromText(name),
                TypeFlag = TarTypeFlag.RegularFile,
                Permissions = 0x1A4 /* 0644 */,
                Size = content.Length,
                ModificationTime = image.FileTime,
            }, content, cancellationToken);
    }

    private static byte[] Manifest(StreamedImage image, string config)
    {
        var manifest = new JsonArray(new JsonObject
        {
            ["Config"] = config,
            ["RepoTags"] = new JsonArray(image.RepoTag),
            ["Layers"] = new JsonArray([.. image.Layers.Select(layer => JsonValue.Create(layer.Member))]),
        });
        using var document = JsonDocument.Parse(manifest.ToJsonString());
        return PythonJsonText.Write(document.RootElement);
    }
}
