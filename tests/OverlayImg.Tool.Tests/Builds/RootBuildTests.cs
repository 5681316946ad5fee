using System.Text.Json;
using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests.Builds;

/// <summary>Tests of <c>build --run-as-root</c>, where a script in the guest makes the new layer.</summary>
public sealed class RootBuildTests(InstalledTool tool)
{
    [Fact]
    public async Task The_script_makes_the_new_layer_of_the_image()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory["extra"], "echo extra > extra");
        using var script = new MemoryStream("useradd --uid 4321 web; rm /etc/motd; install -o web -d /srv/web; cat /etc/demo-layer >&2"u8.ToArray());
        var run = await tool.RunAsync(
            ["build", "--from", InstalledTool.DebianBase, "--run-as-root", "-", "--extra-commands", directory["extra"],
                "--user", "web", "--name", "web", "--tag", "1", "--json", "-o", directory["image.tar"]], script);
        Assert.True(run.ExitCode == 0, run.StandardError);
        using var json = JsonDocument.Parse(run.StandardOutput);
        var layers = json.RootElement.GetProperty("layers").EnumerateArray().ToArray();
        Assert.Equal(3, layers.Length);
        Assert.Contains(json.RootElement.GetProperty("accelerator").GetString(), new[] { "kvm", "tcg" });
        var member = layers[2].GetProperty("digest").GetString()!.Replace("sha256:", "blobs/sha256/", StringComparison.Ordinal);
        var listing = await Testing.Tool.BashAsync($"tar -xOf image.tar {member} | tar -tv --numeric-owner | awk '{{print $2, $6}}'", directory.Path);
        Assert.Contains("0/0 ./etc/.wh.motd\n", listing, StringComparison.Ordinal);
        Assert.Contains("4321/0 ./srv/web/\n", listing, StringComparison.Ordinal);
        Assert.Contains("0/0 ./extra\n", listing, StringComparison.Ordinal);
        var config = json.RootElement.GetProperty("imageId").GetString()!.Replace("sha256:", "blobs/sha256/", StringComparison.Ordinal);
        Assert.Equal("web\n", await Testing.Tool.BashAsync($"tar -xOf image.tar {config} | jq -r .config.User", directory.Path));
    }

    [Fact]
    public async Task A_script_that_fails_leaves_no_archive()
    {
        using var directory = new TemporaryDirectory();
        using var script = new MemoryStream("exit 3"u8.ToArray());
        var run = await tool.RunAsync(["build", "--run-as-root", "-", "--name", "web", "-o", directory["image.tar"]], script);
        Assert.Equal(5, run.ExitCode);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
    }
}
