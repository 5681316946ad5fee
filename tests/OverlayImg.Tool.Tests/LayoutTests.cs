using System.Security.Cryptography;
using System.Text.Json.Nodes;
using OverlayImg.Testing;
using OverlayImg.Tool.Tests.Judges;

namespace OverlayImg.Tool.Tests;

/// <summary>Tests that overlayimg reads OCI layouts of skopeo, umoci, buildah and podman, and that they read its layouts.</summary>
public sealed class LayoutTests(InstalledTool tool) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("skopeo --insecure-policy copy -q docker-archive:busybox.tar oci:base:v1", "+gzip")]
    [InlineData("skopeo --insecure-policy copy -q --dest-compress-format zstd docker-archive:busybox.tar oci:base:v1", "+zstd")]
    [InlineData("$tool merge-images -q busybox.tar -o oci:base:v1", "")]
    public async Task Layers_of_a_base_layout_keep_their_compression_and_umoci_unpacks_the_result(string make, string type)
    {
        await BusyboxImage.WriteAsync(_directory["busybox.tar"]);
        await BashAsync($"tool={tool.Command}; {make}; mkdir -p c/etc; echo new > c/etc/new");
        foreach (var source in new[] { "oci:base:v1", "base" })
        {
            var built = await RunAsync("build", "--from", source, "--contents", "c", "--name", "app", "--tag", source[^1..], "-o", "oci:out");
            Assert.Equal(await JqAsync("base", ".layers[0].digest"), built["layers"]![0]!["digest"]!.GetValue<string>());
        }

        // The media type of each layer shows its compression.
        Assert.Equal($"application/vnd.oci.image.layer.v1.tar{type}", await JqAsync("base", ".layers[0].mediaType"));
        Assert.Equal($"application/vnd.oci.image.layer.v1.tar{type}", await JqAsync("out", ".layers[0].mediaType"));
        Assert.Equal($"application/vnd.oci.image.layer.v1.tar{type}", await JqAsync("out", ".layers[1].mediaType"));
        if (type != "+zstd")
        {
            await BashAsync(
                "umoci unpack --image out:e bundle; cmp bundle/rootfs/bin/busybox $(command -v busybox); grep -qx new bundle/rootfs/etc/new");
        }

        await BashAsync("skopeo --insecure-policy copy -q --preserve-digests oci:out:1 oci:again:t; skopeo inspect --raw oci:out:1 | " +
            "cmp - <(skopeo inspect --raw oci:again:t)");
        Assert.Equal(0, (await RunAsync("validate", "out"))["errors"]!.GetValue<int>());
        Assert.Equal("", await BashAsync($"'{tool.Command}' export --from oci:out:e -o - | tar -xO ./etc/new | cmp - c/etc/new"));
        await RunAsync(
            "build", "--from", "out", "--from-name", "app", "--from-tag", "e", "--name", "x", "--tag", "x", "--format", "dockertools", "-o", "x.tar");
    }

    [Fact]
    public async Task Podman_pulls_a_written_layout_and_a_layout_pushed_by_podman_is_read()
    {
        await BusyboxImage.WriteAsync(_directory["busybox.tar"]);
        await RunAsync(
            "build", "--from", "busybox.tar", "--cmd", "[\"/bin/busybox\",\"echo\",\"from a layout\"]", "--name", "app", "--tag", "1", "-o",
            "oci:out:v1");
        await using var podman = new Podman();
        // podman makes an image name from an absolute path, and names must be lower-case. Hence the relative path.
        var id = (await BashAsync($"{podman.CommandLine} pull -q oci:out:v1")).Trim();
        Assert.Equal(await JqAsync("out", ".config.digest"), $"sha256:{id}");
        await podman.RunAsync("push", "-q", id, $"oci:{_directory["pushed"]}:localhost/team/app:v2");
        var image = Assert.Single((await RunAsync("inspect", "oci:pushed:localhost/team/app:v2"))["images"]!.AsArray())!;
        Assert.Equal(["localhost/team/app:v2"], image["names"]!.AsArray().Select(name => name!.GetValue<string>()));
        Assert.Equal(await JqAsync("out", ".config.digest"), image["imageId"]!.GetValue<string>());
        Assert.Equal(await BashAsync("jq -r .manifests[0].digest pushed/index.json"), image["digest"]!.GetValue<string>() + "\n");
        Assert.Empty((await RunAsync("diff", "oci:out:v1", "oci:pushed"))["paths"]!.AsArray());
    }

    [Fact]
    public async Task Each_platform_of_a_multi_platform_image_by_buildah_is_found()
    {
        await BashAsync("""
            b="buildah --storage-driver=vfs --root $PWD/store --runroot $PWD/run"
            $b manifest create many > /dev/null
            for arch in amd64 arm64 arm/v7 s390x; do
                c=$($b from --arch ${arch%/*} $([ $arch = arm/v7 ] && echo --variant v7) scratch); $b config --cmd $arch $c
                $b commit -q --rm $c image-${arch%/*} > /dev/null
                $b manifest add --arch ${arch%/*} $([ $arch = arm/v7 ] && echo --variant v7) many image-${arch%/*} > /dev/null
            done
            $b manifest push -q --all many oci:many:t
            $b rmi --all --force > /dev/null
            """);
        foreach (var platform in new[] { "amd64", "arm64", "arm/v7", "s390x" })
            Assert.Equal(platform, await CommandAsync("oci:many:t", "--platform", $"linux/{platform}"));
        Assert.Equal("arm/v7", await CommandAsync("many", "--platform", "arm"));
        Assert.Equal("amd64", await CommandAsync("many"));
        var refused = await tool.RunAsync(["export", "many", "--platform", "linux/riscv64", "-o", "x.tar"], directory: _directory.Path);
        Assert.Equal(3, refused.ExitCode);
        Assert.Contains("It holds images for linux/amd64, linux/arm64, linux/arm/v7, linux/s390x", refused.StandardError, StringComparison.Ordinal);
        Assert.False(File.Exists(_directory["x.tar"]));

        async Task<string> CommandAsync(params string[] arguments) =>
            (await RunAsync(["inspect", .. arguments]))["images"]![0]!["config"]!["config"]!["Cmd"]!.AsArray()[^1]!.GetValue<string>();
    }

    [Fact]
    public async Task Images_merged_into_a_layout_keep_their_manifests()
    {
        await BusyboxImage.WriteAsync(_directory["busybox.tar"]);
        await BashAsync(
            "skopeo --insecure-policy copy -q docker-archive:busybox.tar oci:one:first; " +
            "umoci config --image one:first --tag second --config.user 7; " +
            "umoci ls --layout one; ls one > before");
        await RunAsync("merge-images", "one", "busybox.tar", "-o", "oci:all");
        foreach (var name in new[] { "first", "second" })
            Assert.Equal("", await BashAsync($"cmp <(skopeo inspect --raw oci:one:{name}) <(skopeo inspect --raw oci:all:{name})"));
        await RunAsync("merge-images", "oci:one:second", "-o", "oci-archive:two.tar:renamed");
        Assert.Equal("", await BashAsync(
            "cmp <(skopeo inspect --raw oci:one:second) <(skopeo inspect --raw oci-archive:two.tar:renamed); ls one | cmp - before"));
        var several = await tool.RunAsync(["merge-images", "one", "-o", "oci:three:name"], directory: _directory.Path);
        Assert.Equal((3, false), (several.ExitCode, Directory.Exists(_directory["three"])));
        Assert.Contains("can be the name of one only", several.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_layer_that_is_damaged_is_refused_and_nothing_is_written()
    {
        await BusyboxImage.WriteAsync(_directory["busybox.tar"]);
        await BashAsync("skopeo --insecure-policy copy -q docker-archive:busybox.tar oci:base:t; f=$(ls -S base/blobs/sha256/* | head -1); " +
            "printf X | dd of=$f bs=1 seek=5000 conv=notrunc status=none");
        foreach (var verb in new[] { "build --name app --tag 1 --from", "merge-images" })
        {
            var run = await tool.RunAsync([.. verb.Split(' '), "oci:base:t", "-o", "oci:out"], directory: _directory.Path);
            Assert.Equal(3, run.ExitCode);
            Assert.Equal(["base", "busybox.tar"], Directory.EnumerateFileSystemEntries(_directory.Path).Select(Path.GetFileName).Order());
        }
    }

    private Task<string> BashAsync(string script) => Testing.Tool.BashAsync(script, _directory.Path);

    private async Task<JsonNode> RunAsync(params string[] arguments) =>
        JsonNode.Parse((await tool.RunAsync([.. arguments, "--json"], directory: _directory.Path)).Succeeded().StandardOutput)!;

    // Reads a field of the manifest of the layout's first image.
    private async Task<string> JqAsync(string layout, string path)
    {
        var index = JsonNode.Parse(await File.ReadAllTextAsync(_directory[$"{layout}/index.json"], TestContext.Current.CancellationToken))!;
        var digest = index["manifests"]![0]!["digest"]!.GetValue<string>()["sha256:".Length..];
        var manifest = await File.ReadAllBytesAsync(_directory[$"{layout}/blobs/sha256/{digest}"], TestContext.Current.CancellationToken);
        Assert.Equal(digest, Convert.ToHexStringLower(SHA256.HashData(manifest)));
        return (await Testing.Tool.OutputAsync("jq", "-r", path, _directory[$"{layout}/blobs/sha256/{digest}"])).Trim();
    }
}
