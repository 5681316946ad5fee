using OverlayImg.Builders.LayerDirectories;
using OverlayImg.Builders.Tests.Contents;
using OverlayImg.FileSystems;
using OverlayImg.Images.Sessions;
using OverlayImg.Sandbox.Jobs;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.PureLayers;

public sealed class ExtraCommandsTests
{
    private const string Attributed = """
        echo x > f; setfattr -n user.a -v 1 f; setfattr -n trusted.b -v 2 f; setcap cap_net_raw+ep f; setfacl -m u:1234:r f
        mkdir d; setfattr -n trusted.d -v 3 d
        """;

    [Fact]
    public async Task Attributes_of_untouched_renamed_and_chmodded_files_are_kept()
    {
        using var untouched = await PreparedLayer.MakeAsync(Attributed, commands: "true");
        using var touched = await PreparedLayer.MakeAsync(Attributed, commands: "mv f g; chmod 700 g; mv d e; echo new > e/new");
        foreach (var (layer, file, directory) in new[] { (untouched, "f", "d"), (touched, "g", "e") })
        {
            Assert.Equal("1", layer.Attribute(file, "user.a"));
            Assert.Equal("2", layer.Attribute(file, "trusted.b"));
            Assert.NotEqual("none", layer.Attribute(file, "security.capability"));
            Assert.NotEqual("none", layer.Attribute(file, "system.posix_acl_access"));
            Assert.Equal("3", layer.Attribute(directory, "trusted.d"));
        }

        Assert.Empty(touched.Warnings);
    }

    [Fact]
    public async Task A_written_file_loses_its_capabilities_and_a_replacement_inherits_nothing()
    {
        using var written = await PreparedLayer.MakeAsync(Attributed, commands: "echo more >> f");
        Assert.Equal("x\nmore\n", written.Text("f"));
        Assert.Equal("none", written.Attribute("f", "security.capability"));
        Assert.Equal("2", written.Attribute("f", "trusted.b"));

        // The new file can have the inode number of the old file.
        using var replaced = await PreparedLayer.MakeAsync(
            Attributed, commands: "rm f; echo x > f; rmdir d; mkdir d; setfattr -n user.c -v new f");
        Assert.Equal("new", replaced.Attribute("f", "user.c"));
        foreach (var name in new[] { "user.a", "trusted.b", "security.capability", "system.posix_acl_access" })
            Assert.Equal("none", replaced.Attribute("f", name));
        Assert.Equal("none", replaced.Attribute("d", "trusted.d"));
    }

    [Fact]
    public async Task A_change_of_equal_length_is_noticed_even_if_the_time_is_set_back()
    {
        using var layer = await PreparedLayer.MakeAsync(
            "echo old > f; touch -d 2001-01-01 f", commands: "touch -r f ../ref; echo new > f; touch -r ../ref f; rm ../ref");
        Assert.Equal("new\n", layer.Text("f"));
    }

    [Fact]
    public async Task Devices_are_hidden_from_the_commands_and_move_or_go_with_their_directory()
    {
        const string Contents = "mkdir dev gone moved; mknod dev/null c 1 3; mknod gone/null c 1 3; mknod moved/null c 1 3; mknod dev/taken c 1 5";
        using var layer = await PreparedLayer.MakeAsync(Contents, commands: "test ! -e dev/null; echo mine > dev/taken; rm -r gone; mv moved there");
        Assert.Equal(["there", "there/null", "dev", "dev/null", "dev/taken"],
            layer.Tree.Walk().Select(entry => entry.Path.ToString()).Where(path => path.Length > 0)
                .OrderByDescending(path => path[0]).ThenBy(path => path.Length));
        Assert.Equal((1u, 3u), (((SpecialNode)layer.Find("there/null")!).Major, ((SpecialNode)layer.Find("dev/null")!).Minor));
        Assert.Equal("mine\n", layer.Text("dev/taken"));
    }

    [Fact]
    public async Task Files_that_a_layer_cannot_hold_are_left_out_or_refused()
    {
        using var layer = await PreparedLayer.MakeAsync("mkdir d",
            commands: """python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("d/s")'; echo x > d/f""");
        Assert.Contains("d/s is a socket, which no layer can hold; it is left out.", layer.Warnings);
        Assert.Null(layer.Find("d/s"));
        Assert.NotNull(layer.Find("d/f"));

        var whiteout = await Assert.ThrowsAsync<InputException>(() => PreparedLayer.MakeAsync("true", commands: "touch .wh.etc"));
        Assert.Contains(".wh.etc", whiteout.Describe(), StringComparison.Ordinal);
        Assert.Contains("extra commands", whiteout.Describe(), StringComparison.Ordinal);
        var device = await Assert.ThrowsAsync<InputException>(() => PreparedLayer.MakeAsync("true", commands: "mknod etc c 0 0"));
        Assert.Contains("0:0", device.Describe(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("echo out; echo err >&2; false; echo never", 1)]
    [InlineData("echo out; echo err >&2; exit 42", 42)]
    [InlineData("echo out; echo err >&2; kill -TERM $$", 143)]
    public async Task A_failing_script_is_reported_with_its_status_and_last_lines(string commands, int status)
    {
        var failure = await Assert.ThrowsAsync<ScriptException>(() => PreparedLayer.MakeAsync("true", commands: commands));
        Assert.Equal(status, failure.Status);
        Assert.Equal("extra-commands", failure.Phase);
        Assert.Equal(["out", "err"], failure.LastLines);
    }

    [Fact]
    public async Task No_process_of_the_script_outlives_its_end_or_cancellation()
    {
        using var marker = new TemporaryDirectory();
        var sleeping = $"exec -a {Path.GetFileName(marker.Path)} sleep 300";
        using (await PreparedLayer.MakeAsync("true", commands: $"({sleeping}) & ({sleeping}) </dev/null >/dev/null 2>&1 & true"))
        {
            await AllEndAsync();
        }

        using var cancellation = new CancellationTokenSource();
        var building = PreparedLayer.MakeAsync(
            "true", commands: $"({sleeping}) & touch {marker["started"]}; {sleeping}", cancellationToken: cancellation.Token);
        while (!File.Exists(marker["started"]) && !building.IsCompleted) await Task.Delay(20);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => building);
        await AllEndAsync();

        // The processes are killed already, but the kernel of a busy machine may need a moment to end them. Otherwise they sleep for minutes.
        async Task AllEndAsync()
        {
            string running;
            for (var attempt = 0; (running = await RunningAsync()).Length > 0 && attempt < 100; attempt++) await Task.Delay(100);
            Assert.Empty(running);
        }

        async Task<string> RunningAsync() => (await Tool.RunAsync("pgrep", ["-f", $"^{Path.GetFileName(marker.Path)}"])).StandardOutput;
    }

    [Fact]
    public async Task The_script_sees_only_those_directories_of_the_base_that_get_contents()
    {
        using var directory = new TemporaryDirectory();
        var @base = await Trees.MakeAsync(
            directory["base"],
            "mkdir -p usr/bin etc; echo secret > usr/bin/secret; ln -s usr/bin bin; chmod 0750 usr/bin; setfattr -n user.base -v x usr/bin");
        using var layer = await PreparedLayer.MakeAsync("mkdir bin; echo mine > bin/mine; chmod 711 bin", mergedBase: @base,
            commands: "find . | sort > ../listing; getfattr -R -d . >> ../listing; cat ../listing; rm ../listing");
        var seen = string.Concat(layer.Events.OfType<ScriptOutput>().Select(output => System.Text.Encoding.UTF8.GetString(output.Bytes.Span)));
        Assert.Equal(".\n./usr\n./usr/bin\n./usr/bin/mine\n", seen);
        Assert.NotNull(layer.Find("usr/bin/mine"));
        Assert.Null(layer.Find("bin"));
    }

    [Fact]
    public async Task Inputs_are_unchanged_and_no_temporary_files_are_left()
    {
        using var directory = new TemporaryDirectory();
        await Tool.BashAsync("mkdir -p c/ro; echo x > c/ro/f; ln c/ro/f c/hard; chmod 0555 c/ro", directory.Path);
        var before = await Tool.BashAsync("stat -c '%n %i %a %h %s %Y %Z' c c/ro c/ro/f; sha256sum c/ro/f", directory.Path);
        await TestSession.RunAsync(directory["cache"], session => PureLayerBuild.RunAsync(new()
        {
            OutputDirectory = directory["layer"],
            Layer = new()
            {
                Contents = new([directory["c"]], false, "/nix/store"),
                ExtraCommands = new("commands", "chmod 777 ro; echo changed > ro/f; chmod 0 ro; mkdir -p x/y; chmod 0 x"u8.ToArray()),
            },
        }, session));
        Assert.Equal(before, await Tool.BashAsync("stat -c '%n %i %a %h %s %Y %Z' c c/ro c/ro/f; sha256sum c/ro/f", directory.Path));
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory["cache/tmp"]));
        Assert.Equal(["c", "cache", "layer"], Directory.EnumerateFileSystemEntries(directory.Path).Select(Path.GetFileName).Order());
    }
}
