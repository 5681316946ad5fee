using System.Text.Json.Nodes;

namespace OverlayImg.Images.Tests;

/// <summary>Layouts of people who mean ill: each is refused with one sentence, as a directory and in a tar.</summary>
public sealed class HostileLayoutTests : IDisposable
{
    private static readonly string Gone = "sha256:" + new string('0', 64);
    private readonly LayoutBench _bench = new();

    public void Dispose() => _bench.Dispose();

    private sealed record Lie(string Name, Action<LayoutBench> Make, string Message, bool IsOfDirectories = false);

    private static readonly Lie[] Lies =
    [
        new("digest with ../", b => b.Complete(With(b.Image("x"), "digest", "sha256:../../../../etc/passwd")), "manifests[0].digest should be sha256: and 64 hexadecimal digits"),
        new("digest of another algorithm", b => b.Complete(With(b.Image("x"), "digest", "md5:d41d8cd98f00b204e9800998ecf8427e")), "should be sha256:"),
        new("size too small", b => b.Complete(With(b.Image("x"), "size", 7)), "should have 7 bytes, as the document that names it says, but the blob has"),
        new("size negative", b => b.Complete(With(b.Image("x"), "size", -1)), "manifests[0].size should be a size in bytes"),
        new("size of a layer", b => b.Complete(b.Image("x", change: m => Layer(m, "size", 1L << 40))), "but the blob has"),
        new("blob missing", b => b.Complete(With(b.Image("x"), "digest", Gone)), "which names it. Save the image again"),
        new("blob of another digest", b => Alter(b, b.Image("x")), "has the digest sha256:"),
        new("manifest that is an index", b => b.Complete(b.Image("x", change: m => With(m, "manifests", new JsonArray()))), "is a manifest and an index at once"),
        new("index that is a manifest", b => b.Complete(b.Blob(LayoutBench.IndexType, new JsonObject { ["manifests"] = new JsonArray(), ["layers"] = new JsonArray() })), "is a manifest and an index at once"),
        new("index said to be a manifest", b => b.Complete(With(b.Index(b.Image("x")), "mediaType", LayoutBench.ManifestType)), "is not a manifest, as its media type says"),
        new("index.json that is a manifest", b => b.Write("index.json", """{"schemaVersion":2,"config":{},"layers":[]}"""), "is not an index, as its media type says"),
        new("schema 1", b => b.Complete(b.Blob(LayoutBench.ManifestType, new JsonObject { ["schemaVersion"] = 1, ["fsLayers"] = new JsonArray() })), "is a manifest of Docker's schema 1"),
        new("100 indexes in each other", b => b.Complete(Nested(b, 100)), "has indexes more than 8 deep in each other"),
        new("20,000 indexes", b => b.Complete(Wide(b)), "lead to more than 10000 documents"),
        new("key that comes twice", b => b.Complete(b.Blob(LayoutBench.ManifestType, """{"config":{},"config":{},"layers":[]}"""u8.ToArray())), "is not JSON as it should be"),
        new("other version", b => { b.Complete(b.Image("x")); b.Write("oci-layout", """{"imageLayoutVersion":"2.0.0"}"""); }, "imageLayoutVersion is '2.0.0'; the one version that is known is 1.0.0"),
        new("more layers than diff IDs", b => b.Complete(b.Image("x", change: Twice)), "has 2 layers, but its config has 1 diff IDs"),
        new("1,000 layers", b => b.Complete(b.Image("x", change: m => Times(m, 1000))), "has 1000 layers; more than 500 can't be stacked"),
        new("truncated gzip", b => b.Complete(Cut(b)), "ends in the middle of its gzip data"),
        new("huge manifest", b => b.Complete(b.Blob(LayoutBench.ManifestType, new byte[5 << 20])), "more than 4194304 are not read"),
        new("pipe as a blob", b => b.Complete(Put(b, "mkfifo")), "is no regular file", IsOfDirectories: true),
        new("device as a blob", b => b.Complete(Put(b, "ln -s /dev/zero")), "is no regular file", IsOfDirectories: true),
        new("directory as a blob", b => b.Complete(Put(b, "mkdir")), "is no regular file", IsOfDirectories: true),
        new("link in a circle", b => b.Complete(Put(b, "ln -s loop")), "can't be opened", IsOfDirectories: true),
        new("pipe as index.json", b => Testing.Tool.BashAsync("mkfifo layout/index.json", b[""]).GetAwaiter().GetResult(), "is no regular file", IsOfDirectories: true),
    ];

    public static TheoryData<string> Names => [.. Lies.Select(lie => lie.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Is_refused(string name)
    {
        var lie = Lies.Single(lie => lie.Name == name);
        lie.Make(_bench);
        Assert.Contains(lie.Message, await _bench.RefusalAsync(), StringComparison.Ordinal);
        if (!lie.IsOfDirectories) Assert.Contains(lie.Message, await _bench.RefusalAsync(path: await _bench.PackAsync()), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Is_found_by_validation(string name)
    {
        // No rule of layouts forbids either; it is only that nobody can run the one, and nobody has the other.
        if (name is "1,000 layers" or "20,000 indexes") return;
        Lies.Single(lie => lie.Name == name).Make(_bench);
        Assert.True(Validation.Of(_bench.Layout).Errors > 0);
    }

    private static JsonObject With(JsonObject document, string key, JsonNode value)
    {
        document[key] = value;
        return document;
    }

    private static JsonObject Layer(JsonObject manifest, string key, JsonNode value)
    {
        manifest["layers"]![0]![key] = value;
        return manifest;
    }

    private static JsonObject Twice(JsonObject manifest) => Times(manifest, 2);

    private static JsonObject Times(JsonObject manifest, int count) =>
        With(manifest, "layers", new JsonArray([.. Enumerable.Range(0, count).Select(_ => manifest["layers"]![0]!.DeepClone())]));

    private static void Alter(LayoutBench bench, JsonObject image)
    {
        bench.Complete(image);
        var text = File.ReadAllText(bench.PathOf(image));
        File.WriteAllText(bench.PathOf(image), text.Replace("\"schemaVersion\":2", "\"schemaVersion\":3", StringComparison.Ordinal));
    }

    private static JsonObject Nested(LayoutBench bench, int depth)
    {
        var inner = bench.Image("x");
        for (var level = 0; level < depth; level++) inner = bench.Index(inner);
        return inner;
    }

    private static JsonObject Wide(LayoutBench bench)
    {
        JsonNode Entry(int number) => new JsonObject { ["mediaType"] = LayoutBench.ManifestType, ["size"] = 2, ["digest"] = $"sha256:{number:x64}" };
        return bench.Index([.. Enumerable.Range(0, 3).Select(part => bench.Index([.. Enumerable.Range(part * 6000, 6000).Select(Entry)]))]);
    }

    private static JsonObject Cut(LayoutBench bench)
    {
        var tar = LayoutBench.Tar("x");
        return bench.Image(bench.Blob(LayoutBench.LayerType + "+gzip", LayoutBench.Gzip(tar)[..^9]), tar);
    }

    private static JsonObject Put(LayoutBench bench, string command)
    {
        var image = bench.Image("x");
        File.Delete(bench.PathOf(image));
        File.CreateSymbolicLink(bench["layout/blobs/sha256/loop"], "loop");
        Testing.Tool.BashAsync($"{command} {bench.PathOf(image)}", bench[""]).GetAwaiter().GetResult();
        return image;
    }
}
