using System.Text.Json;
using System.Text.Json.Nodes;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;
using OverlayImg.Images.Sources;

namespace OverlayImg.Images.Archives.Writing;

/// <summary>
/// Writes the archive of nixpkgs' <c>stream_layered_image.py</c> (dockerTools): the layers in their order, the config
/// and <c>manifest.json</c>, with headers as Python's tarfile writes them. The script copies the headers of the base
/// image's members from the base archive. Here they are like all others, so that equal images are equal archives.
/// </summary>
public static class StreamedArchive
{
    /// <summary>Writes the archive including the end marker. Each layer is read once and streamed to the output.</summary>
    /// <exception cref="InputException">The source of a layer changed or ends early.</exception>
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
