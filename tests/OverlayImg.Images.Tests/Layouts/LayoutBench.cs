using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Layouts;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Sources;
using OverlayImg.Testing;

namespace OverlayImg.Images.Tests;

/// <summary>A temporary directory where tests make valid and broken OCI layouts, and read them.</summary>
public sealed class LayoutBench : IDisposable
{
    public const string Oci = "application/vnd.oci.image.";
    public const string ManifestType = Oci + "manifest.v1+json";
    public const string IndexType = Oci + "index.v1+json";
    public const string ConfigType = Oci + "config.v1+json";
    public const string LayerType = Oci + "layer.v1.tar";

    private readonly TemporaryDirectory _directory = new();
    private readonly ScratchDirectory _scratch;

    public LayoutBench()
    {
        _scratch = ScratchDirectory.Create(_directory["scratch"]);
        Directory.CreateDirectory(Path.Combine(Layout, "blobs/sha256"));
        Write("oci-layout", """{"imageLayoutVersion":"1.0.0"}""");
    }

    public string this[string name] => _directory[name];

    /// <summary>The path of the layout.</summary>
    public string Layout => _directory["layout"];

    public void Dispose()
    {
        _scratch.Dispose();
        _directory.Dispose();
    }

    /// <summary>Writes a file of the layout.</summary>
    public void Write(string name, string text) => File.WriteAllText(Path.Combine(Layout, name), text);

    /// <summary>The path of a blob.</summary>
    public string PathOf(JsonNode descriptor) => Path.Combine(Layout, "blobs/sha256", descriptor["digest"]!.GetValue<string>()["sha256:".Length..]);

    /// <summary>Writes a blob, and returns its descriptor.</summary>
    public JsonObject Blob(string mediaType, byte[] bytes)
    {
        var descriptor = new JsonObject { ["mediaType"] = mediaType, ["digest"] = Digest.Of(bytes).ToString(), ["size"] = bytes.Length };
        File.WriteAllBytes(PathOf(descriptor), bytes);
        return descriptor;
    }

    /// <summary>Writes a document, and returns its descriptor.</summary>
    public JsonObject Blob(string mediaType, JsonNode document) => Blob(mediaType, Encoding.UTF8.GetBytes(document.ToJsonString()));

    /// <summary>
    /// Writes an image of one layer with one file, whose content is <paramref name="name"/>, and returns the manifest's
    /// descriptor.
    /// </summary>
    public JsonObject Image(string name, string? platform = "linux/amd64", Func<JsonObject, JsonObject>? change = null)
    {
        var tar = Tar(name);
        return Image(Blob(LayerType + "+gzip", Gzip(tar)), tar, platform, change);
    }

    /// <summary>
    /// Writes an image with a given layer, and returns the manifest's descriptor. <paramref name="tar"/> is the
    /// uncompressed layer.
    /// </summary>
    public JsonObject Image(JsonObject layer, byte[] tar, string? platform = "linux/amd64", Func<JsonObject, JsonObject>? change = null)
    {
        var config = new JsonObject
        {
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray(Digest.Of(tar).ToString()) },
            ["os"] = platform?.Split('/')[0] ?? "linux",
        };
        if (platform is not null) config["architecture"] = platform.Split('/')[1];
        if (platform?.Split('/') is [_, _, var variant]) config["variant"] = variant;
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = ManifestType,
            ["config"] = Blob(ConfigType, config),
            ["layers"] = new JsonArray(layer)
        };
        return Blob(ManifestType, change is null ? manifest : change(manifest));
    }

    /// <summary>Writes an index, and returns its descriptor.</summary>
    public JsonObject Index(params JsonNode[] entries) => Blob(IndexType, IndexOf(entries));

    /// <summary>Writes <c>index.json</c>.</summary>
    public void Complete(params JsonNode[] entries) => Write("index.json", IndexOf(entries).ToJsonString());

    /// <summary>Packs the layout into a tar, and returns its path.</summary>
    public async Task<string> PackAsync()
    {
        await Tool.BashAsync("tar -C layout -cf layout.tar .", _directory.Path);
        return _directory["layout.tar"];
    }

    /// <summary>Opens a layout or an archive.</summary>
    public Task<ImageSource> OpenAsync(string? path = null) => ImageSource.OpenAsync(path ?? Layout, _scratch, TestContext.Current.CancellationToken);

    /// <summary>Selects an image, verifies its layer, and returns the content of its file, which identifies the image.</summary>
    public async Task<string> ChooseAsync(string? name = null, string? tag = null, string? platform = null, string? path = null)
    {
        using var source = await OpenAsync(path);
        var image = source.Select(name, tag, platform is null ? null : Platform.Parse(platform), out _);
        return await ReadAsync(image);
    }

    /// <summary>Verifies an image's layer, and returns the content of its file.</summary>
    public async Task<string> ReadAsync(Image image)
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var content = Assert.Single(image.Layers).Open(_scratch, cancellation);
        await content.VerifyAsync(cancellation);
        var file = (RegularFileNode)Assert.Single(content.ReadTree(cancellation).Tree.Walk(), entry => entry.Node is RegularFileNode).Node;
        var bytes = new byte[file.Content.Length];
        file.Content.Read(0, bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Selects an image, which must fail, and returns the error.</summary>
    public async Task<string> RefusalAsync(string? platform = null, string? path = null) =>
        (await Assert.ThrowsAsync<InputException>(() => ChooseAsync(platform: platform, path: path))).Describe();

    /// <summary>Makes an entry for an index from a descriptor.</summary>
    public static JsonObject For(JsonObject descriptor, string? platform = null, string? refName = null, string? fullName = null)
    {
        var entry = descriptor.DeepClone().AsObject();
        if (platform?.Split('/') is [var os, var architecture, .. var rest])
        {
            entry["platform"] = new JsonObject { ["os"] = os, ["architecture"] = architecture };
            if (rest is [var variant]) entry["platform"]!["variant"] = variant;
        }

        if ((refName ?? fullName) is null) return entry;
        entry["annotations"] = new JsonObject();
        if (refName is not null) entry["annotations"]![LayoutImage.RefName] = refName;
        if (fullName is not null) entry["annotations"]![LayoutImage.FullName] = fullName;
        return entry;
    }

    /// <summary>Makes a tar with one file, whose content is <paramref name="name"/>.</summary>
    public static byte[] Tar(string name)
    {
        using var stream = new MemoryStream();
        using (var writer = new System.Formats.Tar.TarWriter(stream, System.Formats.Tar.TarEntryFormat.Ustar, leaveOpen: true))
        {
            writer.WriteEntry(new System.Formats.Tar.UstarTarEntry(System.Formats.Tar.TarEntryType.RegularFile, "file")
            {
                DataStream = new MemoryStream(Encoding.UTF8.GetBytes(name)),
                ModificationTime = DateTimeOffset.UnixEpoch,
            });
        }

        return stream.ToArray();
    }

    public static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(bytes);
        return packed.ToArray();
    }

    private static JsonObject IndexOf(JsonNode[] entries) =>
        new() { ["schemaVersion"] = 2, ["manifests"] = new JsonArray([.. entries.Select(entry => entry.DeepClone())]) };
}
