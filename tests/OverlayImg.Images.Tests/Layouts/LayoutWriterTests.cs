using System.Text.Json.Nodes;
using OverlayImg.FileSystems;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Layouts;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.References;
using OverlayImg.Images.Transfers;

namespace OverlayImg.Images.Tests;

public sealed class LayoutWriterTests : IDisposable
{
    private readonly LayoutBench _bench = new();

    public void Dispose() => _bench.Dispose();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_layout_is_created_atomically_with_the_users_modes()
    {
        Write("new", NewOf("one", new ImageReference("app", "1")));
        Assert.Equal("one", await _bench.ChooseAsync("app", "1", path: _bench["new"]));
        Assert.Equal("one", await _bench.ChooseAsync(tag: "1", path: _bench["new"]));
        Assert.Empty(Validation.Of(_bench["new"]).Findings);
        Assert.Equal(["layout", "new", "scratch"], Names(""));
        Assert.Equal(["blobs", "index.json", "oci-layout"], Names("new"));
        await Testing.Tool.BashAsync("mkdir d; touch f; for t in d f; do " +
            "test \"$(find new -type $t -printf '%m\\n' | sort -u)\" = $(stat -c %a $t); done", _bench[""]);
    }

    [Fact]
    public async Task Without_publishing_nothing_is_written()
    {
        using (var writer = LayoutWriter.Open(_bench["new"])) Add(writer, null, NewOf("one", []));
        Assert.Equal(["layout", "scratch"], Names(""));
        _bench.Complete(_bench.Image("old"));
        var before = Names("layout/blobs/sha256");
        using (var writer = LayoutWriter.Open(_bench.Layout)) Add(writer, null, NewOf("one", []));
        Assert.Equal(before, Names("layout/blobs/sha256"));
        Assert.Equal("old", await _bench.ChooseAsync());
        Assert.Equal(["blobs", "index.json", "oci-layout"], Names("layout"));
    }

    [Fact]
    public void An_entry_of_the_same_name_is_replaced_and_the_others_keep_every_byte()
    {
        var old = LayoutBench.For(_bench.Image("old"), refName: "1").ToJsonString();
        // Numbers, escapes, spaces and keys in forms that this tool does not write.
        const string Odd = "{ \"mediaType\":\"application/vnd.example+json\", \"size\": 3, " +
            "\"digest\":\"sha256:0000000000000000000000000000000000000000000000000000000000000000\",\"x\":[1e2, \"\\u00e4<\"] }";
        _bench.Write("index.json", $$$"""{"annotations": {"a" : "b"}, "manifests":[{{{Odd}}},{{{old}}}], "schemaVersion":2, "unknown":{ "y":1.0}}""");
        Write("layout", NewOf("new", new ImageReference("", "1")));
        var index = File.ReadAllText(_bench["layout/index.json"]);
        Assert.StartsWith($$$"""{"annotations":{"a" : "b"},"manifests":[{{{Odd}}},{"mediaType":"{{{LayoutBench.ManifestType}}}",""", index,
            StringComparison.Ordinal);
        Assert.EndsWith("""ref.name":"1"},"platform":{"architecture":"amd64","os":"linux"}}],"schemaVersion":2,"unknown":{ "y":1.0}}""", index,
            StringComparison.Ordinal);
        Assert.DoesNotContain(old, index, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Images_of_different_names_may_have_the_same_tag()
    {
        Write("new", NewOf("app", new ImageReference("app", "1")));
        Write("new", NewOf("other", new ImageReference("other", "1")));
        Write("new", NewOf("other again", new ImageReference("other", "1")));
        Assert.Equal("app", await _bench.ChooseAsync(tag: "1", path: _bench["new"]));
        Assert.Equal("other again", await _bench.ChooseAsync("other", "1", path: _bench["new"]));
        Assert.Equal("other again", await _bench.ChooseAsync(tag: "docker.io/library/other:1", path: _bench["new"]));
        Write("new", "1", NewOf("taken", new ImageReference("other", "2")));
        Assert.Equal("taken", await _bench.ChooseAsync(tag: "1", path: _bench["new"]));
        using var source = await _bench.OpenAsync(_bench["new"]);
        Assert.Equal(2, source.Entries.Count);
    }

    [Fact]
    public async Task An_existing_blob_is_not_written_again_unless_its_size_is_wrong()
    {
        Write("new", NewOf("one", new ImageReference("a", "1")));
        var layer = Digest.Of(LayoutBench.Tar("one"));
        var path = _bench[$"new/blobs/sha256/{layer.Hex}"];
        var written = File.GetLastWriteTimeUtc(path);
        File.SetLastWriteTimeUtc(path, written.AddDays(-1));
        Write("new", NewOf("one", new ImageReference("b", "2")));
        Assert.Equal(written.AddDays(-1), File.GetLastWriteTimeUtc(path));
        await File.WriteAllTextAsync(path, "cut", Cancellation);
        Write("new", NewOf("one", new ImageReference("b", "2")));
        Assert.Equal("one", await _bench.ChooseAsync("a", "1", path: _bench["new"]));
        Assert.Empty(Validation.Of(_bench["new"]).Findings);
    }

    [Fact]
    public async Task An_existing_blob_with_a_wrong_digest_is_replaced()
    {
        Write("new", NewOf("one", new ImageReference("a", "1")));
        foreach (var path in Directory.EnumerateFiles(_bench["new/blobs/sha256"]))
        {
            var bytes = await File.ReadAllBytesAsync(path, Cancellation);
            bytes[^1] ^= 1;
            await File.WriteAllBytesAsync(path, bytes, Cancellation);
        }

        Write("new", NewOf("one", new ImageReference("a", "1")));
        Assert.Equal("one", await _bench.ChooseAsync("a", "1", path: _bench["new"]));
        Assert.Empty(Validation.Of(_bench["new"]).Findings);
    }

    [Fact]
    public async Task An_empty_directory_is_filled_and_not_replaced()
    {
        // The directory may be a mount point, which can neither be removed nor replaced.
        await Testing.Tool.BashAsync("mkdir -m 2750 new; stat -c '%i %a' new > before", _bench[""]);
        using (var other = LayoutWriter.Open(_bench["new"])) Write("new", NewOf("one", new ImageReference("a", "1")));
        Assert.Equal("one", await _bench.ChooseAsync("a", "1", path: _bench["new"]));
        Assert.Equal(["blobs", "index.json", "oci-layout"], Names("new"));
        await Testing.Tool.BashAsync("stat -c '%i %a' new | cmp - before", _bench[""]);
    }

    [Fact]
    public async Task Concurrent_writers_lose_no_image()
    {
        string[] names = [.. Enumerable.Range(0, 8).Select(number => $"image{number}")];
        await Parallel.ForEachAsync(names, new ParallelOptions { MaxDegreeOfParallelism = names.Length, CancellationToken = Cancellation },
            (name, _) => { Write("new", NewOf(name, new ImageReference(name, "t"))); return ValueTask.CompletedTask; });
        foreach (var name in names) Assert.Equal(name, await _bench.ChooseAsync(name, "t", path: _bench["new"]));
        Assert.Empty(Validation.Of(_bench["new"]).Findings);
        Assert.Equal(["blobs", "index.json", "oci-layout"], Names("new"));
        Assert.Equal(["layout", "new", "scratch"], Names(""));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_layout_may_be_created_while_another_writer_opens_it(bool isThere)
    {
        for (var round = 0; round < 100; round++)
        {
            var place = $"place{round}";
            if (isThere) Directory.CreateDirectory(_bench[place]);
            using var others = new CancellationTokenSource();
            var looking = Task.Run(() => { while (!others.IsCancellationRequested) LayoutWriter.Open(_bench[place]).Dispose(); }, Cancellation);
            Write(place, NewOf("one", new ImageReference("a", "1")));
            await others.CancelAsync();
            await looking;
        }
    }

    [Theory]
    [InlineData("mkdir new; touch new/file", "is neither an OCI layout nor an empty directory")]
    [InlineData("touch new", "is neither an OCI layout nor an empty directory")]
    [InlineData("mkdir new; echo '{\"imageLayoutVersion\":\"9\"}' > new/oci-layout", "is '9'; only version 1.0.0 is supported")]
    [InlineData("cp -r layout new; echo '{' > new/index.json", "is not JSON")]
    public async Task A_path_that_is_not_a_layout_is_refused_when_it_is_opened(string script, string message)
    {
        await Testing.Tool.BashAsync(script, _bench[""]);
        Assert.Contains(message, Assert.Throws<InputException>(() => LayoutWriter.Open(_bench["new"])).Describe(), StringComparison.Ordinal);
        Assert.Contains("its parent directory does not exist",
            Assert.Throws<InputException>(() => LayoutWriter.Open(_bench["none/new"])).Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_to_an_empty_directory_stays_a_link()
    {
        Directory.CreateDirectory(_bench["real"]);
        File.CreateSymbolicLink(_bench["link"], "real");
        Write("link", NewOf("one", new ImageReference("a", "1")));
        Assert.Equal("real", new FileInfo(_bench["link"]).LinkTarget);
        Assert.Equal("one", await _bench.ChooseAsync(path: _bench["real"]));
    }

    [Theory]
    [InlineData("abc", "ends after 3 of 4 bytes")]
    [InlineData("abcde", "has more than 4 bytes")]
    [InlineData("abcx", "has the digest sha256:")]
    public void A_blob_with_a_wrong_size_or_digest_is_not_added(string content, string message)
    {
        var digest = Digest.Of("abcd"u8);
        using var writer = LayoutWriter.Open(_bench["new"]);
        var refusal = Assert.Throws<InputException>(
            () => writer.Add(digest, 4, new MemoryStream(ByteString.FromText(content).Span.ToArray()), new("blob"), Cancellation));
        Assert.Contains(message, refusal.Describe(), StringComparison.Ordinal);
        Assert.False(writer.Has(digest, 4, Cancellation));
        writer.Add(digest, 4, new MemoryStream("abcd"u8.ToArray()), new("blob"), Cancellation);
        Assert.True(writer.Has(digest, 4, Cancellation));
    }

    [Fact]
    public async Task An_unchanged_image_keeps_its_manifest_byte_for_byte()
    {
        var image = _bench.Image("kept", change: manifest =>
        {
            manifest["annotations"] = new JsonObject { ["b"] = "1", ["a"] = "2" };
            return manifest;
        });
        _bench.Complete(image);
        using var source = await _bench.OpenAsync();
        var read = source.Images[0];
        var copy = new Image([], read.Config, [await read.Layers[0].AsVerifiedAsync(Cancellation)]) { Manifest = read.Manifest };
        var digest = image["digest"]!.GetValue<string>();
        Assert.Equal(digest, await WrittenAsync(copy));
        Assert.NotEqual(digest, await WrittenAsync(copy with { Manifest = null }));
        var tar = LayoutBench.Tar("kept");
        var unpacked = Layer.OfTar(new MemoryContent(tar), Digest.Of(tar));
        Assert.NotEqual(digest, await WrittenAsync(copy with { Layers = [unpacked] }));

        async Task<string> WrittenAsync(Image written) =>
            Assert.Single((await ImageWriting.WriteAsync(new LayoutOutput(_bench["written"]), _bench["cache"], [written])).Manifests)
                .Digest.ToString();
    }

    [Fact]
    public async Task An_index_with_its_manifests_is_copied_byte_for_byte()
    {
        var index = _bench.Index(LayoutBench.For(_bench.Image("a", "linux/amd64"), "linux/amd64"),
            LayoutBench.For(_bench.Image("b", "linux/arm64"), "linux/arm64"));
        _bench.Complete(LayoutBench.For(index, refName: "all"));
        using var source = await _bench.OpenAsync();
        using (var writer = LayoutWriter.Open(_bench["copy"]))
        {
            var root = Assert.Single(Assert.Single(source.Entries).Descriptors);
            Copy(root);
            writer.Refer(new(root with { Annotations = new Dictionary<string, string>() }, "all"));
            writer.Publish(Cancellation);

            void Copy(Descriptor descriptor)
            {
                var document = source.ReadDocument(descriptor);
                writer.Add(document, Cancellation);
                foreach (var entry in (document as ImageIndex)?.Manifests ?? []) Copy(entry);
                foreach (var blob in document is ImageManifest manifest ? manifest.Layers.Append(manifest.Config) : [])
                    writer.Add(blob.Digest, source.OpenBlob(blob), new(_bench.Layout), Cancellation);
            }
        }

        Assert.Equal("", await Testing.Tool.BashAsync("diff -r layout/blobs copy/blobs", _bench[""]));
        Assert.Equal("b", await _bench.ChooseAsync(tag: "all", platform: "linux/arm64", path: _bench["copy"]));
    }

    private void Write(string directory, params Image[] images) => Write(directory, null, images);

    private void Write(string directory, string? refName, params Image[] images)
    {
        using var writer = LayoutWriter.Open(_bench[directory]);
        Add(writer, refName, images);
        writer.Publish(Cancellation);
    }

    private static void Add(LayoutWriter writer, string? refName, params Image[] images)
    {
        foreach (var image in images)
        {
            foreach (var layer in image.Layers) writer.Add(layer.BlobDigest!, layer.StoredContent, layer.Where, Cancellation);
            writer.Add(image.Config.Id, new MemoryContent(image.Config.Bytes), new("config"), Cancellation);
            StoredLayer[] stored = [.. image.Layers.Select(layer => new StoredLayer(layer.BlobDigest!, layer.StoredLength, layer.Compression))];
            var manifest = ManifestRewriting.Of(image, stored, new("manifest"));
            writer.Add(manifest, Cancellation);
            foreach (var entry in OciDocuments.EntriesOf([new(manifest, image.Config.Platform, image.References, refName)])) writer.Refer(entry);
        }
    }

    private string[] Names(string directory) =>
        [.. Directory.EnumerateFileSystemEntries(_bench[directory]).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private static Image NewOf(string name, params ImageReference[] references)
    {
        var tar = LayoutBench.Tar(name);
        var digest = Digest.Of(tar);
        var config = $$$"""{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["{{{digest}}}"]}}""";
        return new(references, ImageConfig.Parse(ByteString.FromText(config).Span.ToArray(), new("config")),
            [Layer.OfTar(new MemoryContent(tar), digest)]);
    }
}
