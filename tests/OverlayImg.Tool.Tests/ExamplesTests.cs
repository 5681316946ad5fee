using System.Text.Json.Nodes;
using OverlayImg.Testing;
using OverlayImg.Tool.Tests.Judges;

namespace OverlayImg.Tool.Tests;

/// <summary>Tests that each script in tools/examples makes the image that it describes.</summary>
public sealed class ExamplesTests(InstalledTool tool, DockerDaemon docker) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Every_example_makes_a_working_image()
    {
        await File.WriteAllTextAsync(_directory["hello"], "a program of another processor");
        // The redis example runs in parallel, because it waits for a guest.
        var redis = RunAsync("redis", InstalledTool.DebianBase);
        await RunAsync("shell");
        await RunAsync("on-top", InstalledTool.DebianBase);
        await RunAsync("layered-on-layered", InstalledTool.DebianBase);
        await RunAsync("nginx", InstalledTool.DebianBase);
        await RunAsync("cross", "riscv64", _directory["hello"]);
        await redis;

        var cross = await ConfigAsync("cross");
        Assert.Equal(("riscv64", "/bin/hello"), ((string)cross["architecture"]!, (string)cross["config"]!["Entrypoint"]![0]!));
        // The image has the environment of the base but another command. The file is in /usr/bin, the target of the link /bin.
        var onTop = (await ConfigAsync("on-top"))["config"]!;
        Assert.Equal(
            ("/bin/hello", true), ((string)onTop["Cmd"]![0]!, ((string)onTop["Env"]![0]!).StartsWith("PATH=/usr", StringComparison.Ordinal)));
        Assert.Equal("#!/bin/sh\necho Hello from on top of the base.\n", await ReadAsync("on-top", "-xO ./usr/bin/hello"));
        Assert.Equal("of the first\nof the second\n", await ReadAsync("layered-on-layered", "-xO ./srv/first ./srv/second"));
        Assert.Contains("redis:x:", await ReadAsync("redis", "-xO ./etc/passwd"), StringComparison.Ordinal);
        // The directory belongs to the user that useradd created: tar shows a numeric owner other than root.
        Assert.Matches(@"^drwxr-xr-x [1-9]\d*/[1-9]\d* .* \./data/\n$", await ReadAsync("redis", "-tv --numeric-owner ./data"));
        Assert.Equal("redis", (string)(await ConfigAsync("redis"))["config"]!["User"]!);

        foreach (var name in (string[])["shell", "nginx"]) await docker.RunAsync("load", "-i", _directory[$"{name}.tar"]);
        Assert.Equal("uid=0(root) gid=0(root) groups=0(root)\n", await RunContainerAsync("shell:example", "sh", "-c", "/usr/bin/env id"));
        Assert.Equal(
            "<h1>Hello from nginx</h1>\n",
            await RunContainerAsync("nginx:example", "bash", "-c",
                "nginx & until exec 3<>/dev/tcp/127.0.0.1/80; do ((++tries < 600)) || exit 1; sleep 0.1; done 2>/dev/null; " +
                "printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; sed '1,/^\\r$/d' <&3"));
    }

    private Task<string> RunContainerAsync(string image, params string[] command) =>
        docker.RunAsync(["run", "--rm", "--network", "none", image, .. command]);

    private async Task RunAsync(string example, params string[] arguments)
    {
        var script = Path.Combine(Root(), "tools/examples", example);
        var path = $"{Path.GetDirectoryName(tool.Command)}:{Environment.GetEnvironmentVariable("PATH")}";
        (await Testing.Tool.RunAsync(script, [.. arguments, _directory[$"{example}.tar"]], environment: new Dictionary<string, string?>
        {
            ["PATH"] = path,
            ["OVERLAYIMG_CACHE_DIR"] = tool.Cache,
            ["OVERLAYIMG_GUEST_IMAGE"] = null,
        })).Succeeded();
    }

    private async Task<JsonNode> ConfigAsync(string example) =>
        JsonNode.Parse(await Testing.Tool.OutputAsync("skopeo", "inspect", "--config", $"docker-archive:{_directory[$"{example}.tar"]}"))!;

    /// <summary>Returns the output of GNU tar for the exported file system of an image.</summary>
    private Task<string> ReadAsync(string example, string options) =>
        Testing.Tool.BashAsync($"'{tool.Command}' export --quiet {example}.tar -o - | tar {options}", _directory.Path);

    internal static string Root()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Sandbox.sln"))) directory = Path.GetDirectoryName(directory)!;
        return directory;
    }
}
