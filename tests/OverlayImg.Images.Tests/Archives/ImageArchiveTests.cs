using System.Text.Json.Nodes;
using OverlayImg.Images.Archives.Writing;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.References;

namespace OverlayImg.Images.Tests;

/// <summary>Checks the written archives with skopeo, umoci, jq and GNU tar.</summary>
[Collection(RealImageCollection.Name)]
public sealed class ImageArchiveTests(RealImages images) : IDisposable
{
    private readonly ArchiveBench _bench = new();

    public void Dispose() => _bench.Dispose();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("docker.tar", "docker-archive:{0}")]
    [InlineData("docker.tar", "oci-archive:{0}:t")]
    [InlineData("podman-several.tar", "docker-archive:{0}:localhost/two:latest")]
    [InlineData("podman-several.tar", "oci-archive:{0}:localhost/two:latest")]
    [InlineData("skopeo-oci.tar", "oci-archive:{0}:t")]
    [InlineData("skopeo-oci.tar", "docker-archive:{0}")]
    public async Task Skopeo_and_umoci_read_both_halves_of_a_hybrid(string file, string source)
    {
        var name = file == "skopeo-oci.tar" ? new ImageReference("a/b", "t") : (ImageReference?)null;
        var ids = await WriteAsync(file, "h.tar", ArchiveFormat.Hybrid, name is null ? null : [name]);
        var place = string.Format(System.Globalization.CultureInfo.InvariantCulture, source, "h.tar");
        var config = await _bench.BashAsync($"skopeo inspect --config --raw {place} | sha256sum | cut -c -64");
        Assert.Contains(config.Trim(), ids.Select(id => id.Hex));
        await _bench.BashAsync($"skopeo --insecure-policy copy -q {place} oci:layout:t; umoci unpack --image layout:t bundle");
        Assert.Equal(images.Expected[1..], (await DirectoryListing.OfAsync(_bench["bundle/rootfs"]))[1..]);
    }

    [Theory]
    [InlineData(ArchiveFormat.Hybrid)]
    [InlineData(ArchiveFormat.Oci)]
    public async Task A_written_archive_is_valid_and_can_be_read(ArchiveFormat format)
    {
        foreach (var file in (string[])["docker.tar", "podman-several.tar", "skopeo-oci.tar", "skopeo-zstd.tar"])
        {
            var ids = await WriteAsync(file, "h.tar", format);
            using var archive = await _bench.OpenAsync(_bench["h.tar"]);
            Assert.Equal(ids, archive.Images.Select(image => image.Config.Id));
            Assert.Equal(images.Expected[1..], (await _bench.ListAsync(archive.Images[0]))[1..]);
            Assert.Empty(Validation.Of(_bench["h.tar"]).Findings);
        }
    }

    [Fact]
    public async Task Members_are_sorted_and_reproducible()
    {
        await WriteAsync("docker.tar", "1.tar", ArchiveFormat.Hybrid);
        await WriteAsync("docker.tar", "2.tar", ArchiveFormat.Hybrid);
        Assert.Equal("", await _bench.BashAsync("cmp 1.tar 2.tar"));
        Assert.Equal("", await _bench.BashAsync("tar tf 1.tar > names; LC_ALL=C sort -c names"));
        var listing = await _bench.BashAsync("TZ=UTC tar --full-time --numeric-owner -tvf 1.tar | awk '{print $1, $2, $4, $5}' | sort -u");
        Assert.Equal("-rw-r--r-- 0/0 1970-01-01 00:00:01\ndrwxr-xr-x 0/0 1970-01-01 00:00:01\n", listing);
        Assert.Equal("", await _bench.BashAsync("mkdir x; tar -C x -xf 1.tar; cd x/blobs/sha256; " +
            "for f in *; do echo $f $f; done | awk '{print $1 \"  \" $2}' | sha256sum -c --quiet"));
        Assert.Equal("0\n", await _bench.BashAsync("echo $(( $(stat -c %s 1.tar) % 10240 ))"));
    }

    [Fact]
    public async Task Every_name_is_kept_in_both_halves()
    {
        ImageReference[] names = [new("two", "t"), new("registry:5000/team/two", "v1"), new("docker.io/library/other", ""), new("", "bare+tag")];
        await WriteAsync("docker.tar", "h.tar", ArchiveFormat.Hybrid, names);
        Assert.Equal("two:t registry:5000/team/two:v1 docker.io/library/other:latest\n",
            await _bench.BashAsync("tar xOf h.tar manifest.json | jq -r '.[].RepoTags | join(\" \")'"));
        var annotations = await _bench.BashAsync(
            "tar xOf h.tar index.json | jq -r '.manifests[].annotations | [.[\"io.containerd.image.name\"], " +
                ".[\"org.opencontainers.image.ref.name\"]] | join(\" \")'");
        Assert.Equal("docker.io/library/two:t t\nregistry:5000/team/two:v1 v1\ndocker.io/library/other:latest latest\n bare+tag\n", annotations);
        foreach (var tag in (string[])["t", "v1", "latest", "bare+tag"]) await _bench.BashAsync($"skopeo inspect --raw oci-archive:h.tar:{tag}");
    }

    [Fact]
    public async Task Images_with_the_same_tag_get_their_full_names_as_ref_names()
    {
        await WriteAsync("podman-several.tar", "h.tar", ArchiveFormat.Oci);
        Assert.Equal("localhost/two:latest\nlocalhost/one:latest\n",
            await _bench.BashAsync("tar xOf h.tar index.json | jq -r '.manifests[].annotations[\"org.opencontainers.image.ref.name\"]'"));
        // The two images share a layer, which is stored once.
        Assert.Equal("2\n", await _bench.BashAsync("tar xf h.tar; cd blobs/sha256; file -b * | grep -c tar"));
    }

    [Fact]
    public async Task An_image_without_a_name_has_none_in_either_half()
    {
        await WriteAsync("docker.tar", "h.tar", ArchiveFormat.Hybrid, []);
        Assert.Equal("[]\n", await _bench.BashAsync("tar xOf h.tar manifest.json | jq -c '.[].RepoTags'"));
        Assert.Equal("null\n", await _bench.BashAsync("tar xOf h.tar index.json | jq -c '.manifests[].annotations'"));
        await _bench.BashAsync("skopeo inspect --raw docker-archive:h.tar; skopeo inspect --raw oci-archive:h.tar");
    }

    [Theory]
    [InlineData("UPPER", "t")]
    [InlineData("a//b", "t")]
    [InlineData("a", "-t")]
    [InlineData("a@sha256", "0123")]
    public async Task An_invalid_image_name_is_refused(string name, string tag)
    {
        var error = await Assert.ThrowsAsync<InputException>(() => WriteAsync("docker.tar", "h.tar", ArchiveFormat.Hybrid, [new(name, tag)]));
        Assert.Contains("can't be the name of an image", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("xz -0c")]
    [InlineData("bzip2 -1c")]
    public async Task A_layer_in_an_unsupported_compression_is_stored_uncompressed(string compressor)
    {
        var packed = await _bench.PackAsync([await _bench.LayerAsync("head -c 3000000 /dev/urandom > a")],
            $"set -- 0*/layer.tar; {compressor} $1 > t; mv t $1", ["x:1"]);
        await WriteAsync(packed, "h.tar", ArchiveFormat.Hybrid);
        Assert.Equal("", await _bench.BashAsync("tar xf h.tar; tar xOf h.tar $(jq -r '.[0].Layers[0]' manifest.json) | cmp - layer1.tar"));
        Assert.Equal("application/vnd.oci.image.layer.v1.tar\n",
            await _bench.BashAsync("jq -r .layers[].mediaType blobs/sha256/$(jq -r .manifests[0].digest index.json | cut -c 8-)"));
    }

    [Fact]
    public async Task Compressed_layers_are_copied_byte_for_byte_with_a_warning_about_zstd()
    {
        var warnings = new List<string>();
        await WriteAsync("skopeo-zstd.tar", "h.tar", ArchiveFormat.Oci, warnings: warnings);
        Assert.Contains("compressed with zstd, which Docker before version 23 can't load", Assert.Single(warnings), StringComparison.Ordinal);
        await _bench.BashAsync(
            $"mkdir new; tar -C new -xf h.tar; for f in $(tar -tf {images["skopeo-zstd.tar"]} | grep sha256/.); do " +
            $"n=$(basename $f); tar xOf {images["skopeo-zstd.tar"]} $f > old; " +
            "if [ \"$(file -b old | cut -c -9)\" = Zstandard ]; then cmp old new/blobs/sha256/$n; fi; done");
        var manifest = JsonNode.Parse(await _bench.BashAsync("cat new/blobs/sha256/$(jq -r .manifests[0].digest new/index.json | cut -c 8-)"))!;
        Assert.All(manifest["layers"]!.AsArray(), layer =>
            Assert.Equal("application/vnd.oci.image.layer.v1.tar+zstd", layer!["mediaType"]!.GetValue<string>()));
    }

    private async Task<Digest[]> WriteAsync(string file, string output, ArchiveFormat format, ImageReference[]? references = null,
        List<string>? warnings = null)
    {
        using var archive = await _bench.OpenAsync(Path.IsPathRooted(file) ? file : images[file]);
        var written = new List<Image>();
        foreach (var image in archive.Images) written.Add(await NewAsync(image, references));
        await ImageWriting.WriteAsync(new ArchiveOutput(new(_bench[output], CompressionFormat.None), format), _bench["cache"], written, warnings);
        return [.. archive.Images.Select(image => image.Config.Id)];
    }

    private static async Task<Image> NewAsync(Image image, ImageReference[]? references)
    {
        var layers = new List<Layer>();
        foreach (var layer in image.Layers) layers.Add(await layer.AsVerifiedAsync(Cancellation));
        return new(references ?? image.References, image.Config, layers);
    }
}
