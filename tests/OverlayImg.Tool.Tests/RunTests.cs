using System.Text.Json;
using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests;

/// <summary>Tests of the verb <c>run</c>: hooks before, during and after the mount of the overlay.</summary>
public sealed class RunTests(InstalledTool tool)
{
    [Fact]
    public async Task Hooks_have_the_directories_of_dockerTools_and_their_output_files_are_returned()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory["pre"],
            "ls > out/places; test -z \"$(ls -A mnt)\"; mkdir layer/early; echo early > layer/early/file", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(directory["post"],
            "sleep 0.3; cat mnt/etc/motd mnt/early/file > out/seen; rm mnt/etc/motd; echo late > mnt/late; " +
            "mkdir out/deep; cp -p mnt/bin/cat out/deep",
            TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(directory["umount"],
            "test -z \"$(ls -A mnt)\"; test -c layer/etc/motd; rm -r layer/early; echo last > layer/last", TestContext.Current.CancellationToken);
        var run = await tool.RunAsync(["run", "--from", InstalledTool.DebianBase, "--pre-mount", directory["pre"],
            "--post-mount", directory["post"], "--post-umount", directory["umount"],
            "--out", directory["out.tar"], "--json", "-o", directory["layer"]]);
        Assert.True(run.ExitCode == 0, run.StandardError);
        AssertPhases(
            ["parents", "contents", "restore", "disks", "mount", "pre-mount", "script", "post-mount", "unmount", "post-umount", "pack"], run);
        Assert.Equal("./\n./etc/\n./etc/.wh.motd\n./last\n./late\n", await Testing.Tool.OutputAsync("tar", "-tf", directory["layer/layer.tar"]));
        Assert.Equal("layer\nlost+found\nmnt\nout\nwork\n", await Testing.Tool.OutputAsync("tar", "-xOf", directory["out.tar"], "./places"));
        Assert.Equal("A demonstration base of two layers.\nearly\n", await Testing.Tool.OutputAsync("tar", "-xOf", directory["out.tar"], "./seen"));
        Assert.Equal("./\n./deep/\n./deep/cat\n./places\n./seen\n", await Testing.Tool.OutputAsync("tar", "-tf", directory["out.tar"]));
    }

    // Long phases have a duration above 0; the phase of a missing script has the duration 0. A short phase can also have it,
    // if its start and end arrive at the host together.
    private static void AssertPhases(string[] names, ToolResult run)
    {
        using var json = JsonDocument.Parse(run.StandardOutputBytes);
        var phases = json.RootElement.GetProperty("phases").EnumerateObject().ToDictionary(phase => phase.Name, phase => phase.Value.GetDouble());
        Assert.Equal(names, phases.Keys);
        Assert.All(phases, phase => Assert.InRange(phase.Value, 0, 600));
        foreach (var name in new[] { "restore", "disks", "post-mount", "pack" }) Assert.NotEqual(0, phases[name]);
        Assert.Equal(0, phases["script"]);
        Assert.Contains(json.RootElement.GetProperty("start").GetString(), new[] { "warm", "cold" });
    }

    [Theory]
    [InlineData("--pre-mount", "pre-mount")]
    [InlineData("--post-mount", "post-mount")]
    [InlineData("--post-umount", "post-umount")]
    public async Task A_hook_that_fails_is_named(string option, string phase)
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory["hook"], "exit 9", TestContext.Current.CancellationToken);
        var run = await tool.RunAsync(["run", option, directory["hook"], "--out", directory["out.tar"], "-o", directory["layer"]]);
        Assert.Equal(5, run.ExitCode);
        Assert.Contains(phase, run.StandardError, StringComparison.Ordinal);
        Assert.Contains("9", run.StandardError, StringComparison.Ordinal);
        Assert.Equal(["hook"], Directory.EnumerateFileSystemEntries(directory.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_mount_is_seen_read_only_and_is_not_in_the_layer()
    {
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory["store"]);
        await File.WriteAllTextAsync(directory["store/tool"], "from the host", TestContext.Current.CancellationToken);
        var run = await tool.RootLayerAsync(directory["layer"], "cp /nix/store/tool /copied; ! touch /nix/store/x",
            "--mount", $"{directory["store"]}:/nix/store");
        Assert.True(run.ExitCode == 0, run.StandardError);
        Assert.Equal("./\n./copied\n", await Testing.Tool.OutputAsync("tar", "-tf", directory["layer/layer.tar"]));
        Assert.Equal("from the host", await Testing.Tool.OutputAsync("tar", "-xOf", directory["layer/layer.tar"], "./copied"));
        Assert.Equal(["tool"], Directory.EnumerateFileSystemEntries(directory["store"]).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_mount_is_seen_by_the_post_mount_hook_too()
    {
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory["store"]);
        await File.WriteAllTextAsync(directory["store/tool"], "from the host", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            directory["post"], "cp mnt/nix/store/tool out/; ! touch mnt/nix/store/x; touch mnt/made", TestContext.Current.CancellationToken);
        var run = await tool.RunAsync(
            ["run", "--from", InstalledTool.DebianBase, "--post-mount", directory["post"], "--mount", $"{directory["store"]}:/nix/store",
                "--out", directory["out.tar"], "-o", directory["layer"]]);
        Assert.True(run.ExitCode == 0, run.StandardError);
        Assert.Equal("from the host", await Testing.Tool.OutputAsync("tar", "-xOf", directory["out.tar"], "./tool"));
        Assert.Equal("./\n./made\n", await Testing.Tool.OutputAsync("tar", "-tf", directory["layer/layer.tar"]));
    }

    [Fact]
    public async Task There_is_no_network_without_the_option()
    {
        using var directory = new TemporaryDirectory();
        var without = await tool.RootLayerAsync(directory["layer"],
            "ls /sys/class/net; test \"$(ls /sys/class/net)\" = lo; test ! -e /etc/resolv.conf");
        Assert.True(without.ExitCode == 0, without.StandardError);
        var with = await tool.RootLayerAsync(directory["layer"], "ip route | grep default; cat /etc/resolv.conf; ip -4 addr | grep 10.0.2.15",
            "--network", "--json");
        Assert.True(with.ExitCode == 0, with.StandardError);
        Assert.Contains("\"network\": true", with.StandardOutput, StringComparison.Ordinal);
        Assert.Equal("./\n", await Testing.Tool.OutputAsync("tar", "-tf", directory["layer/layer.tar"]));
    }

    [Fact]
    public async Task The_network_reaches_the_host()
    {
        using var directory = new TemporaryDirectory();
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        var serving = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
            await client.GetStream().WriteAsync("hello"u8.ToArray(), TestContext.Current.CancellationToken);
        }, TestContext.Current.CancellationToken);
        var run = await tool.RootLayerAsync(directory["layer"], $"nc 10.0.2.2 {port} > /page", "--network");
        Assert.True(run.ExitCode == 0, run.StandardError);
        await serving;
        Assert.Equal("hello", await Testing.Tool.OutputAsync("tar", "-xOf", directory["layer/layer.tar"], "./page"));
    }
}
