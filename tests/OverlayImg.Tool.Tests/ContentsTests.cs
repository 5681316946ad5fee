using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests;

/// <summary>Tests of <c>--contents</c>: the files are in the layer at the paths that <c>docker cp</c> would use, and scripts see them.</summary>
public sealed class ContentsTests(InstalledTool tool)
{
    [Fact]
    public async Task Contents_follow_the_links_of_the_base_image_and_belong_to_root()
    {
        using var directory = new TemporaryDirectory();
        await Testing.Tool.BashAsync("""
            mkdir -p one/bin one/etc two/opt/data; printf '#!/bin/sh\necho hello\n' > one/bin/hello; chmod 755 one/bin/hello; echo one > one/etc/which
            chown -R 1234:1234 one
            echo two > two/opt/data/file; mkdir -p two/etc; echo two > two/etc/which; ln -s data two/opt/link; tar -C two -czf two.tar.gz .
            """, directory.Path);
        var run = await tool.RootLayerAsync(directory["layer"], "hello; cat /etc/which; cat /opt/link/file; test -L /bin",
            "--from", InstalledTool.DebianBase,
            "--contents", directory["one"], "--contents", directory["two.tar.gz"], "--keep-contents-dirlinks");
        Assert.True(run.ExitCode == 0, run.StandardError);
        Assert.Contains("hello\ntwo\ntwo\n", run.StandardError, StringComparison.Ordinal);
        var listing = await Testing.Tool.BashAsync($"tar --numeric-owner -tvf {directory["layer/layer.tar"]} | awk '{{print $2, $6}}'");
        Assert.Equal(
            "0/0 ./\n0/0 ./etc/\n0/0 ./etc/which\n0/0 ./opt/\n0/0 ./opt/data/\n0/0 ./opt/data/file\n" +
            "0/0 ./opt/link\n0/0 ./usr/\n0/0 ./usr/bin/\n0/0 ./usr/bin/hello\n", listing);
    }

    [Fact]
    public async Task Links_to_directories_become_directories_on_request()
    {
        using var directory = new TemporaryDirectory();
        await Testing.Tool.BashAsync("mkdir -p c/real; echo x > c/real/file; ln -s real c/link", directory.Path);
        var run = await tool.RootLayerAsync(
            directory["layer"], "test -d /link; test ! -L /link", "--contents", directory["c"], "--follow-contents-dirlinks");
        Assert.True(run.ExitCode == 0, run.StandardError);
        Assert.Equal("./\n./link/\n./link/file\n./real/\n./real/file\n", await Testing.Tool.OutputAsync("tar", "-tf", directory["layer/layer.tar"]));
    }

    [Fact]
    public async Task Extra_commands_see_only_the_new_layer()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory["extra"], "ls -A > listing; rm made; mkdir -m 0777 tmp-like", TestContext.Current.CancellationToken);
        var run = await tool.RootLayerAsync(directory["layer"], "touch /made /kept",
            "--from", InstalledTool.DebianBase, "--extra-commands", directory["extra"]);
        Assert.True(run.ExitCode == 0, run.StandardError);
        Assert.Equal("./\n./kept\n./listing\n./tmp-like/\n", await Testing.Tool.OutputAsync("tar", "-tf", directory["layer/layer.tar"]));
        Assert.Equal("kept\nlisting\nmade\n", await Testing.Tool.OutputAsync("tar", "-xOf", directory["layer/layer.tar"], "./listing"));
    }

    [Fact]
    public async Task Shadow_setup_and_the_toolbox_make_a_user_from_nothing()
    {
        using var directory = new TemporaryDirectory();
        var run = await tool.RootLayerAsync(directory["layer"],
            "groupadd --gid 77 team; useradd --uid 1001 --gid team --create-home worker; id worker; echo \"$MODE|$TWO\"",
            "--shadow-setup", "--env", "MODE=ci mode", "--env", "TWO=a\nb");
        Assert.True(run.ExitCode == 0, run.StandardError);
        Assert.Contains("uid=1001(worker) gid=77(team)", run.StandardError, StringComparison.Ordinal);
        Assert.Contains("ci mode|a\nb", run.StandardError, StringComparison.Ordinal);
        var passwd = await Testing.Tool.OutputAsync("tar", "-xOf", directory["layer/layer.tar"], "./etc/passwd");
        Assert.Contains("worker:x:1001:77:", passwd, StringComparison.Ordinal);
        Assert.Contains("root:x:0:0:", passwd, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_layers_json_is_the_base_json_with_the_checksum_as_jshon_writes_it()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory["base.json"],
            """{"os":"linux","config":{"Cmd":["/bin/sh","-c","a\"b/ü\u0001"],"Env":[],"Nested":{}},"n":""" +
            """[1,-2.5,1e30,-1.5e-7,3.0,12345678901234567,0.1,true,null],"architecture":"arm64"}""",
            TestContext.Current.CancellationToken);
        var run = await tool.RootLayerAsync(directory["layer"], "echo x > /file", "--base-json", directory["base.json"]);
        Assert.True(run.ExitCode == 0, run.StandardError);
        var sum = (await tool.RunAsync(["tarsum", directory["layer/layer.tar"]])).Succeeded().StandardOutput.Trim();
        var expected = await Testing.Tool.BashAsync($"jshon -s '{sum}' -i checksum < {directory["base.json"]}");
        Assert.Equal(expected, await File.ReadAllTextAsync(directory["layer/json"], TestContext.Current.CancellationToken));
        Assert.Equal("1.0", await File.ReadAllTextAsync(directory["layer/VERSION"], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task No_xattrs_leaves_extended_attributes_out()
    {
        using var directory = new TemporaryDirectory();
        const string Script = "touch /f; setfattr -n user.a -v b /f";
        Assert.Equal(0, (await tool.RootLayerAsync(directory["with"], Script)).ExitCode);
        Assert.Equal(0, (await tool.RootLayerAsync(directory["without"], Script, "--no-xattrs")).ExitCode);
        Assert.Contains(
            "user.a", await Testing.Tool.BashAsync($"tar --xattrs --xattrs-include='*' -tvvf {directory["with/layer.tar"]}"),
            StringComparison.Ordinal);
        Assert.DoesNotContain(
            "user.a", await Testing.Tool.BashAsync($"tar --xattrs --xattrs-include='*' -tvvf {directory["without/layer.tar"]}"),
            StringComparison.Ordinal);
    }
}
