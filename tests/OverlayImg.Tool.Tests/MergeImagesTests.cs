using System.Text.Json.Nodes;
using OverlayImg.Testing;
using OverlayImg.Tool.Tests.Judges;

namespace OverlayImg.Tool.Tests;

/// <summary>Tests of <c>merge-images</c>: docker and podman load an archive with several images and run containers from it.</summary>
public sealed class MergeImagesTests(InstalledTool tool, DockerDaemon docker) : IDisposable
{
    private const string Layered = "layered:two";
    private const string Motd = "An image of two layers.";
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Docker_and_podman_load_all_images_and_containers_run()
    {
        await BusyboxImage.WriteAsync(_directory["busybox.tar"]);
        await BusyboxImage.WriteInLayersAsync(Layered, _directory["layered.tar"], Motd);
        var ids = (await MergeAsync("both.tar.gz", _directory["busybox.tar"], _directory["layered.tar"]))["images"]!.AsArray()
            .Select(image => image!["imageId"]!.GetValue<string>()).ToArray();
        var said = await docker.RunAsync("load", "-i", _directory["both.tar.gz"]);
        Assert.Equal($"Loaded image: {DerivedImage.Name}\nLoaded image: {Layered}\n", said);
        Assert.Equal(ids, (await docker.RunAsync("inspect", "-f", "{{.Id}}", DerivedImage.Name, Layered)).Split('\n')[..2]);
        Assert.Equal(
            BusyboxImage.Greeting + "\n", await docker.RunAsync(["run", "--rm", "--network", "none", DerivedImage.Name, .. BusyboxImage.Command]));
        Assert.Equal($"{Motd}\n", await docker.RunAsync("run", "--rm", "--network", "none", Layered, "cat", "/etc/motd"));
        // The image size that docker shows is the sum of the file sizes in all layers, with overlay2 also the length of the target of bin/cat.
        var sizes = (await docker.RunAsync("inspect", "-f", "{{.Size}}", DerivedImage.Name, Layered)).Split('\n')[..2];
        var reports = (await InspectAsync(_directory["both.tar.gz"]))["images"]!.AsArray();
        var bytes = reports.Select(image => image!["layers"]!.AsArray().Sum(layer => layer!["fileBytes"]!.GetValue<long>())).ToArray();
        Assert.Equal([$"{bytes[0]}", $"{bytes[1] + "busybox".Length}"], sizes);

        await using var podman = new Podman();
        // podman 4.3 reads no compressed docker-archive, not even one by docker.
        await Testing.Tool.BashAsync("gzip -d both.tar.gz", _directory.Path);
        await podman.RunAsync("load", "-q", "-i", _directory["both.tar"]);
        var loaded = await podman.RunAsync("image", "inspect", "-f", "sha256:{{.Id}}", $"localhost/{DerivedImage.Name}", $"localhost/{Layered}");
        Assert.Equal(ids, loaded.StandardOutput.Split('\n')[..2]);
    }

    [Fact]
    public async Task The_same_inputs_give_the_same_bytes_in_every_compression_and_on_stdout()
    {
        await BusyboxImage.WriteAsync(_directory["busybox.tar"]);
        await MergeAsync("1.tar", _directory["busybox.tar"]);
        await MergeAsync("1.tar.zst", _directory["busybox.tar"]);
        await MergeAsync("1.tgz", _directory["busybox.tar"]);
        await Testing.Tool.BashAsync("cmp 1.tar <(zstd -dc 1.tar.zst); cmp 1.tar <(gzip -dc 1.tgz)", _directory.Path);
        var environment = new Dictionary<string, string?> { ["TZ"] = "Asia/Tokyo", ["LC_ALL"] = "tr_TR.UTF-8" };
        var streamed = await tool.RunAsync(["merge-images", _directory["busybox.tar"], "-o", "-"], environment: environment);
        Assert.Equal(
            await File.ReadAllBytesAsync(_directory["1.tar"], TestContext.Current.CancellationToken), streamed.Succeeded().StandardOutputBytes);
    }

    [Fact]
    public async Task Equal_images_are_stored_once_with_all_their_names()
    {
        await BusyboxImage.WriteAsync(_directory["busybox.tar"]);
        var work = _directory.Path;
        // dockerTools' mergeImages loses one of two tags with the same name.
        await Testing.Tool.BashAsync(
            "for tag in 1 2; do skopeo --insecure-policy copy -q docker-archive:busybox.tar docker-archive:$tag.tar:same:$tag; done", work);
        await Testing.Tool.BashAsync("skopeo --insecure-policy copy -q docker-archive:busybox.tar oci-archive:oci.tar:3", work);
        var merged = await MergeAsync("merged.tar", _directory["1.tar"], _directory["2.tar"], _directory["oci.tar"], _directory["busybox.tar"]);
        var image = Assert.Single(merged["images"]!.AsArray())!;
        Assert.Equal(
            ["docker.io/library/same:1", "docker.io/library/same:2", ":3", DerivedImage.Name],
            image["names"]!.AsArray().Select(name => name!.GetValue<string>()));
        Assert.Equal(1, merged["layers"]!.GetValue<int>());
        Assert.Equal("3\n", await Testing.Tool.BashAsync("tar xOf merged.tar manifest.json | jq '.[0].RepoTags | length'", work));
    }

    [Fact]
    public async Task A_name_of_two_different_images_is_refused()
    {
        await BusyboxImage.WriteAsync(_directory["busybox.tar"]);
        await BusyboxImage.WriteInLayersAsync(Layered, _directory["layered.tar"], Motd);
        await Testing.Tool.BashAsync(
            $"skopeo --insecure-policy copy -q docker-archive:layered.tar docker-archive:other.tar:{DerivedImage.Name}; rm layered.tar",
            _directory.Path);
        var run = await tool.RunAsync(["merge-images", _directory["busybox.tar"], _directory["other.tar"], "-o", _directory["merged.tar"]]);
        Assert.Equal(3, run.ExitCode);
        Assert.Contains(
            $"the name docker.io/library/{DerivedImage.Name} is the name of another image in", run.StandardError, StringComparison.Ordinal);
        Assert.False(File.Exists(_directory["merged.tar"]));
        Assert.Equal(2, Directory.EnumerateFileSystemEntries(_directory.Path).Count());
    }

    [Fact]
    public async Task One_image_of_an_archive_can_be_chosen()
    {
        await BusyboxImage.WriteAsync(_directory["busybox.tar"]);
        await BusyboxImage.WriteInLayersAsync(Layered, _directory["layered.tar"], Motd);
        await MergeAsync("both.tar", _directory["busybox.tar"], _directory["layered.tar"]);
        var merged = await MergeAsync("one.tar", $"docker-archive:{_directory["both.tar"]}:{DerivedImage.Name}");
        Assert.Equal([DerivedImage.Name], Assert.Single(merged["images"]!.AsArray())!["names"]!.AsArray().Select(name => name!.GetValue<string>()));
        // The size shows that the layers of the other image, which are as large, are not in the archive.
        Assert.InRange(new FileInfo(_directory["one.tar"]).Length, 1, new FileInfo(_directory["busybox.tar"]).Length + (64 << 10));
    }

    [Fact]
    public async Task A_layer_that_is_damaged_is_refused_before_a_byte_is_written()
    {
        await BusyboxImage.WriteAsync(_directory["busybox.tar"]);
        await Testing.Tool.BashAsync("printf X | dd of=busybox.tar bs=1 seek=1000000 conv=notrunc status=none", _directory.Path);
        var run = await tool.RunAsync(["merge-images", _directory["busybox.tar"], "-o", "-"]);
        Assert.Equal((3, 0), (run.ExitCode, run.StandardOutputBytes.Length));
        Assert.Contains("its content has diff ID", run.StandardError, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-", "-", "-o", "out.tar")]
    [InlineData("x.tar", "-o", "-", "--json")]
    [InlineData("x.tar", "-o", "out.tar", "--format", "dockertools")]
    public async Task Contradicting_options_are_wrong_usage(params string[] arguments) =>
        Assert.Equal(2, (await tool.RunAsync(["merge-images", .. arguments], directory: _directory.Path)).ExitCode);

    private async Task<JsonNode> MergeAsync(string output, params string[] images)
    {
        var run = await tool.RunAsync(["merge-images", .. images, "-o", _directory[output], "--json"]);
        return JsonNode.Parse(run.Succeeded().StandardOutput)!;
    }

    private async Task<JsonNode> InspectAsync(string image) =>
        JsonNode.Parse((await tool.RunAsync(["inspect", image, "--json"])).Succeeded().StandardOutput)!;
}
