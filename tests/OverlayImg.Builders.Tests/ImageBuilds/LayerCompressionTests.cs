using OverlayImg.Builders.ImageBuilds;
using OverlayImg.Builders.LayeredImages;
using OverlayImg.Builders.NewImages;
using OverlayImg.Caching;
using OverlayImg.Images.Archives.Writing;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Contents;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.ImageBuilds;

/// <summary>All layers of an image have one compression. skopeo reads the images and checks each layer against its diff ID.</summary>
public sealed class LayerCompressionTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("none", null, "tar")]
    [InlineData("gzip", null, "tar+gzip")]
    [InlineData("zstd", null, "tar+zstd")]
    [InlineData("gzip", CompressionFormat.Zstd, "tar+zstd")]
    [InlineData("gzip", CompressionFormat.None, "tar")]
    [InlineData("none", CompressionFormat.Gzip, "tar+gzip")]
    public async Task Layers_have_the_compression_of_the_base_or_the_given_one(string ofBase, CompressionFormat? wanted, string mediaType)
    {
        var choice = await MakeBaseAsync(ofBase);
        foreach (var isLayered in (bool[])[false, true])
        {
            var built = await BuildAsync(isLayered, choice, wanted);
            var manifest = await Tool.BashAsync(
                "rm -rf copy; skopeo --insecure-policy copy -q docker-archive:out.tar:app:1 dir:copy; " +
                "skopeo --insecure-policy inspect --raw oci-archive:out.tar:1 | jq -r '.layers[].mediaType'", _directory.Path);
            Assert.Equal(
                [$"application/vnd.oci.image.layer.v1.{mediaType}", $"application/vnd.oci.image.layer.v1.{mediaType}"], manifest.Trim().Split('\n'));
            // The digests in the result are those of the blobs in the archive.
            foreach (var layer in built.Layers)
            {
                var sum = await Tool.BashAsync($"tar -xOf out.tar blobs/sha256/{layer.Digest.Hex} | sha256sum", _directory.Path);
                Assert.Equal($"{layer.Digest.Hex}  -\n", sum);
            }
        }
    }

    [Fact]
    public async Task An_image_without_a_base_is_uncompressed_by_default()
    {
        Directory.CreateDirectory(_directory["c"]);
        await File.WriteAllTextAsync(_directory["c/f"], "x");
        Assert.All((await BuildAsync(isLayered: false, null, null)).Layers, layer => Assert.Equal(layer.DiffId, layer.Digest));
        Assert.All((await BuildAsync(isLayered: true, null, CompressionFormat.Gzip)).Layers, layer => Assert.NotEqual(layer.DiffId, layer.Digest));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_image_without_files_gives_a_warning(bool isLayered)
    {
        Directory.CreateDirectory(_directory["c"]);
        var warnings = new List<string>();
        await BuildAsync(isLayered, null, null, new Warnings(warnings));
        Assert.Contains(warnings, warning => warning.StartsWith("The image has no files", StringComparison.Ordinal));
        await File.WriteAllTextAsync(_directory["c/f"], "x");
        warnings.Clear();
        await BuildAsync(isLayered, null, null, new Warnings(warnings));
        Assert.Empty(warnings);
    }

    private async Task<ImageChoice> MakeBaseAsync(string compression)
    {
        var compress = compression switch { "gzip" => "gzip -n", "zstd" => "zstd -q", _ => "cat" };
        await Tool.BashAsync(
            $$$"""
            mkdir -p c image; echo 1 > one; echo 2 > c/two; tar -cf plain.tar one
            {{{compress}}} < plain.tar > image/layer.tar; sum=$(sha256sum plain.tar | cut -c -64)
            echo '{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:'$sum'"]}}' > image/config.json
            echo '[{"Config":"config.json","RepoTags":["base:1"],"Layers":["layer.tar"]}]' > image/manifest.json; tar -C image -cf base.tar .
            """, _directory.Path);
        return new(new PathLocation(_directory["base.tar"]), null, null);
    }

    private Task<ImageBuildResult> BuildAsync(
        bool isLayered, ImageChoice? from, CompressionFormat? wanted, IProgress<BuildEvent>? progress = null)
    {
        var output = new ArchiveOutput(TarDestination.Parse(_directory["out.tar"]), ArchiveFormat.Hybrid);
        var contents = LayerContents.None with { Sources = [_directory["c"]] };
        progress ??= new Warnings([]);
        return isLayered
            ? TestSession.RunAsync(_directory["cache"], session => LayeredImageBuild.RunAsync(
                new() { Output = output, Name = "app", Tag = "1", From = from, Contents = contents, LayerCompression = wanted }, session), progress)
            : TestSession.RunAsync(_directory["cache"], session => ImageBuild.RunAsync(
                new() { Output = output, Name = "app", Tag = "1", From = from, Contents = contents, LayerCompression = wanted }, session), progress);
    }

    private sealed class Warnings(List<string> texts) : IProgress<BuildEvent>
    {
        public void Report(BuildEvent value)
        {
            if (value is Warning warning) texts.Add(warning.Text);
        }
    }
}
