using System.Security.Cryptography;
using System.Text.Json;
using OverlayImg.Testing;
using OverlayImg.Tool.Tests.Judges;

namespace OverlayImg.Tool.Tests.Builds;

/// <summary>Tests that docker 20.10, podman, skopeo and umoci read the archives of <c>build</c> with the same image ID.</summary>
public sealed class ClientTests(InstalledTool tool, BuildBench bench) : IClassFixture<BuildBench>
{
    private const string Greeting = "echo greeting=$GREETING path=$PATH; cat /etc/passwd";
    private const string Said = "greeting=hello world path=/bin\nmore\n";

    [Theory]
    [InlineData("hybrid")]
    [InlineData("dockertools")]
    public async Task Docker_podman_skopeo_and_umoci_read_an_image_over_a_base_saved_by_docker(string format)
    {
        using var directory = new TemporaryDirectory();
        var archive = directory["image.tar"];
        var id = await BuildAsync(archive, "--from", bench.DockerBase, "--contents", bench.MoreContents, "--format", format);

        await bench.Docker.RunAsync("load", "-i", archive);
        Assert.Equal(id, (await bench.Docker.RunAsync("inspect", "-f", "{{.Id}}", "team/busy:1")).Trim());
        Assert.Equal(Said, await bench.Docker.RunAsync("run", "--rm", "--network", "none", "team/busy:1"));

        await using (var podman = new Podman())
        {
            await podman.RunAsync("load", "-i", archive);
            // The registry that podman adds to a name without a registry depends on the archive format.
            var images = await podman.RunAsync("images", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}");
            Assert.EndsWith($"/team/busy:1 {id}\n", images.StandardOutput, StringComparison.Ordinal);
        }

        var config = (await Testing.Tool.RunAsync("skopeo", ["inspect", "--config", "--raw", $"docker-archive:{archive}"])).Succeeded();
        Assert.Equal(id, $"sha256:{Convert.ToHexStringLower(SHA256.HashData(config.StandardOutputBytes))}");
        // skopeo converts a Docker config when it copies to a layout, so the config digest is not compared there.
        (await Testing.Tool.RunAsync("skopeo",
            ["--insecure-policy", "copy", "--dest-decompress", $"docker-archive:{archive}", $"oci:{directory["layout"]}:busy"])).Succeeded();
        (await Testing.Tool.RunAsync("umoci", ["unpack", "--image", $"{directory["layout"]}:busy", directory["bundle"]])).Succeeded();
        Assert.Equal("more\n", await File.ReadAllTextAsync(directory["bundle/rootfs/etc/passwd"]));
    }

    [Fact]
    public async Task Skopeo_and_umoci_read_an_oci_archive()
    {
        using var directory = new TemporaryDirectory();
        var id = await BuildAsync(directory["image.tar"], "--contents", bench.Contents, "--format", "oci");
        (await Testing.Tool.RunAsync("skopeo",
            ["--insecure-policy", "copy", $"oci-archive:{directory["image.tar"]}:1", $"oci:{directory["layout"]}:busy"])).Succeeded();
        Assert.Equal(id, await ConfigDigestAsync(directory["layout"]));
        (await Testing.Tool.RunAsync("umoci", ["unpack", "--image", $"{directory["layout"]}:busy", directory["bundle"]])).Succeeded();
        Assert.True(File.Exists(directory["bundle/rootfs/bin/busybox"]));
    }

    [Fact]
    public async Task Docker_runs_a_compressed_archive()
    {
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory["contents/etc"]);
        await File.WriteAllTextAsync(directory["contents/etc/new"], "new\n");
        // docker does not read layers that it has. The message makes the second layer of the base unique.
        await BusyboxImage.WriteInLayersAsync("compressed:1", directory["base.tar"], "in a compressed archive");
        await BuildAsync(directory["image.tar.gz"], "--from", directory["base.tar"], "--contents", directory["contents"],
            "--config", """{"Cmd":["/bin/cat","/etc/new","/etc/motd"]}""");
        await bench.Docker.RunAsync("load", "-i", directory["image.tar.gz"]);
        Assert.Equal("new\nin a compressed archive\n", await bench.Docker.RunAsync("run", "--rm", "--network", "none", "team/busy:1"));
    }

    private async Task<string> BuildAsync(string archive, params string[] options)
    {
        string[] settings = options.Contains("--config")
            ? []
            : ["--cmd", $"[\"/bin/sh\",\"-c\",\"{Greeting}\"]", "--env-var", "GREETING=hello world", "--env-var", "PATH=/bin"];
        var run = await tool.RunAsync(["build", "--name", "Team/Busy", "--tag", "1", "--json", "-o", archive, .. settings, .. options]);
        Assert.True(run.ExitCode == 0, run.StandardError);
        using var json = JsonDocument.Parse(run.StandardOutput);
        Assert.Equal("team/busy", json.RootElement.GetProperty("name").GetString());
        Assert.Equal(new FileInfo(archive).Length, json.RootElement.GetProperty("size").GetInt64());
        return json.RootElement.GetProperty("imageId").GetString()!;
    }

    private static async Task<string> ConfigDigestAsync(string layout)
    {
        var manifest = (await Testing.Tool.BashAsync("jq -r '.manifests[0].digest' index.json | tr : /", layout)).Trim();
        return (await Testing.Tool.OutputAsync("jq", "-r", ".config.digest", $"{layout}/blobs/{manifest}")).Trim();
    }
}
