using System.Text.Json;
using System.Text.Json.Nodes;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;
using OverlayImg.Images.Sources;

namespace OverlayImg.Images.Archives.Writing;

/// <summary>
/// Writes the archive of nixpkgs' <c>stream_layered_image.py</c> (spec dockertools, 1.13): the layers in their order, the config, <c>manifest.json</c>,
/// with headers as Python writes them. Headers of a base's members, which the script takes over from the base's archive, are those of all other members here,
/// so that the same image is the same bytes everywhere.
/// </summary>
public static class StreamedArchive
{
    /// <summary>Writes the archive, end marker included. Layers are read once and go straight through.</summary>
    /// <exception cref="InputException">A layer's source changed or ends early.</exception>
    public static void Write(StreamedImage image, Stream output, CancellationToken cancellationToken)
    {
        using var tar = new TarWriter(output, TarFormat.Python);
        var config = Digest.Of(image.Config.Span).Hex + ".json";
        foreach (var layer in image.Layers) Write(layer.Member, layer.Content, layer.Owner);
        Write(config, new MemoryContent(image.Config), StreamedOwner.Default);
        Write(DockerManifest.Name, new MemoryContent(Manifest(image, config)), StreamedOwner.Default);
        tar.Complete();

        void Write(string name, FileContent content, StreamedOwner owner) => tar.Write(
            new()
            {
                Name = ByteString.FromText(name),
                TypeFlag = TarTypeFlag.RegularFile,
                Permissions = owner.Permissions,
                Uid = owner.Uid,
                Gid = owner.Gid,
                Uname = owner.Uname,
                Gname = owner.Gname,
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
