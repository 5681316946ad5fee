using OverlayImg.Testing;
using OverlayImg.Tool.Tests.Judges;

namespace OverlayImg.Tool.Tests;

/// <summary>Tests of Debian as the base image, in archives that docker, podman, buildah and skopeo write.</summary>
public sealed class BaseImageTests(InstalledTool tool, DockerDaemon docker)
{
    private const string Look =
        "cat /etc/motd; test ! -e /usr/share/doc; test -e /etc/demo-layer; test ! -e /lost+found; . /etc/os-release; echo $VERSION_CODENAME";

    private async Task AssertIsTheDemoBaseAsync(string archive, params string[] options)
    {
        using var directory = new TemporaryDirectory();
        var run = await tool.RootLayerAsync(directory["layer"], Look, ["--from", archive, .. options]);
        Assert.True(run.ExitCode == 0, run.StandardError);
        Assert.Contains("A demonstration base of two layers.\nbookworm\n", run.StandardError, StringComparison.Ordinal);
    }

    // An export reads the layers of the archive. A guest run would use the disks that the cache has for the same diff IDs.
    private Task<string> AssertHasTheFilesOfTheDemoBaseAsync(string archive, string options = "") =>
        AssertHasTheFilesOfAsync(InstalledTool.DebianBase, archive, options);

    private Task<string> AssertHasTheFilesOfAsync(string original, string archive, string options = "") => Testing.Tool.BashAsync(
        $"""
        export OVERLAYIMG_CACHE_DIR='{tool.Cache}'
        expected=$('{tool.Command}' export -q '{original}' -o - | sha256sum)
        [ "$expected" = "$('{tool.Command}' export -q '{archive}' {options} -o - | sha256sum)" ]
        """);

    [Fact]
    public async Task A_root_file_system_exported_by_docker_is_read_from_a_file_and_from_a_pipe()
    {
        using var directory = new TemporaryDirectory();
        await docker.RunAsync("load", "-i", InstalledTool.DebianBase);
        await docker.RunAsync("create", "--name", "root-of-demo", "debian-demo:bookworm", "/bin/true");
        await docker.RunAsync("export", "-o", directory["root.tar"], "root-of-demo");
        await docker.RunAsync("rm", "root-of-demo");
        await AssertIsTheDemoBaseAsync(directory["root.tar"]);
        // The format of piped input is also detected from its content.
        var names = await Testing.Tool.BashAsync(
            $"export OVERLAYIMG_CACHE_DIR='{tool.Cache}'; zstd -q -1 < root.tar | '{tool.Command}' export -q - -o - | tar -t | grep -c '^./etc/'",
            directory.Path);
        Assert.True(int.Parse(names, System.Globalization.CultureInfo.InvariantCulture) > 50, names);
    }

    [Fact]
    public async Task From_scratch_equals_no_base_image()
    {
        using var directory = new TemporaryDirectory();
        await Testing.Tool.BashAsync(
            $"""
            export OVERLAYIMG_CACHE_DIR='{tool.Cache}'
            mkdir contents; echo 1 > contents/file
            '{tool.Command}' build -q --contents contents --name app --tag 1 -o plain.tar
            '{tool.Command}' build -q --from scratch --contents contents --name app --tag 1 -o scratch.tar
            cmp plain.tar scratch.tar
            """, directory.Path);
        var refused = await tool.RunAsync(["build", "--from", "scratch", "--platform", "linux/arm64", "--name", "app", "-o", directory["a.tar"]]);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("--arch", refused.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Written_by_docker()
    {
        using var directory = new TemporaryDirectory();
        await docker.RunAsync("load", "-i", InstalledTool.DebianBase);
        await docker.RunAsync("save", "-o", directory["docker.tar"], "debian-demo:bookworm");
        await AssertHasTheFilesOfTheDemoBaseAsync(directory["docker.tar"]);
        await AssertIsTheDemoBaseAsync(directory["docker.tar"], "--from-name", "debian-demo", "--from-tag", "bookworm");
    }

    [Fact]
    public async Task Written_by_podman()
    {
        using var directory = new TemporaryDirectory();
        await using (var podman = new Podman())
        {
            await podman.RunAsync("load", "-i", InstalledTool.DebianBase);
            await podman.RunAsync("save", "-o", directory["podman.tar"], "localhost/debian-demo:bookworm");
        }

        await AssertHasTheFilesOfTheDemoBaseAsync(directory["podman.tar"], "--from-name localhost/debian-demo");
    }

    [Fact]
    public async Task Written_by_buildah()
    {
        using var directory = new TemporaryDirectory();
        string[] storage = ["--root", directory["root"], "--runroot", directory["run"], "--storage-driver", "vfs"];
        (await Testing.Tool.RunAsync("buildah", [.. storage, "pull", $"docker-archive:{InstalledTool.DebianBase}"])).Succeeded();
        (await Testing.Tool.RunAsync("buildah",
            [.. storage, "push", "debian-demo:bookworm", $"docker-archive:{directory["buildah.tar"]}:debian-demo:again"])).Succeeded();
        await AssertHasTheFilesOfTheDemoBaseAsync(directory["buildah.tar"]);
    }

    [Fact]
    public async Task Written_by_skopeo()
    {
        using var directory = new TemporaryDirectory();
        (await Testing.Tool.RunAsync("skopeo",
            ["--insecure-policy", "copy", $"docker-archive:{InstalledTool.DebianBase}",
                $"docker-archive:{directory["skopeo.tar"]}:debian-demo:bookworm"])).Succeeded();
        await AssertHasTheFilesOfTheDemoBaseAsync(directory["skopeo.tar"]);
    }

    // Compression of the Debian base by gzip or bzip2 would take most of a minute.
    [Theory]
    [InlineData("gzip -1")]
    [InlineData("zstd -q -1")]
    [InlineData("bzip2 -1")]
    public async Task Compressed_as_a_whole(string compressor)
    {
        using var directory = new TemporaryDirectory();
        await BusyboxImage.WriteInLayersAsync("busy:1", directory["image.tar"], "a message");
        await Testing.Tool.BashAsync($"{compressor} < image.tar > compressed", directory.Path);
        await AssertHasTheFilesOfAsync(directory["image.tar"], directory["compressed"]);
    }

    [Fact]
    public async Task Read_from_stdin()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory["script"], Look, TestContext.Current.CancellationToken);
        await using var archive = File.OpenRead(InstalledTool.DebianBase);
        var run = await tool.RunAsync(["root-layer", "--from", "-", "--run-as-root", directory["script"], "-o", directory["layer"]], archive);
        Assert.True(run.ExitCode == 0, run.StandardError);
        Assert.Contains("bookworm", run.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_error_for_an_unknown_image_name_lists_the_names_in_the_archive()
    {
        using var directory = new TemporaryDirectory();
        var run = await tool.RootLayerAsync(directory["layer"], "true", "--from", InstalledTool.DebianBase, "--from-name", "debian-dem");
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("debian-demo:bookworm", run.StandardError, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("head -c 100000000 {0} > {1}")]
    [InlineData("head -c 1000 /dev/urandom > {1}")]
    [InlineData(": > {1}")]
    public async Task The_error_for_a_broken_archive_names_the_archive(string breakIt)
    {
        using var directory = new TemporaryDirectory();
        await Testing.Tool.BashAsync(
            breakIt.Replace("{0}", InstalledTool.DebianBase, StringComparison.Ordinal)
                .Replace("{1}", directory["broken.tar"], StringComparison.Ordinal));
        var run = await tool.RootLayerAsync(directory["layer"], "true", "--from", directory["broken.tar"]);
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("broken.tar", run.StandardError, StringComparison.Ordinal);
        Assert.Equal(["broken.tar"], Directory.EnumerateFileSystemEntries(directory.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task The_error_for_a_flipped_byte_names_the_layer()
    {
        using var directory = new TemporaryDirectory();
        await Testing.Tool.BashAsync(
            $"cp {InstalledTool.DebianBase} {directory["broken.tar"]}; " +
            $"printf X | dd of={directory["broken.tar"]} bs=1 seek=60000000 conv=notrunc status=none");
        var layer = (await Testing.Tool.OutputAsync("tar", "-tf", InstalledTool.DebianBase)).Split('\n')
            .First(member => member.EndsWith("/layer.tar", StringComparison.Ordinal));
        var run = await tool.RootLayerAsync(directory["layer"], "true", "--from", directory["broken.tar"], "--json");
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("broken.tar", run.StandardError, StringComparison.Ordinal);
        Assert.Contains(layer, run.StandardError, StringComparison.Ordinal);
        Assert.Contains("\"layer\"", run.StandardOutput, StringComparison.Ordinal);
        Assert.Equal(["broken.tar"], Directory.EnumerateFileSystemEntries(directory.Path).Select(Path.GetFileName));
    }
}
