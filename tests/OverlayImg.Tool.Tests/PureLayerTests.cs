using System.Text.Json;
using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests;

/// <summary>Tests of the verb <c>layer</c>, which makes a layer without a guest.</summary>
public sealed class PureLayerTests(InstalledTool tool)
{
    [Fact]
    public async Task The_report_has_the_figures_of_the_layer()
    {
        using var directory = new TemporaryDirectory();
        await Testing.Tool.BashAsync("""
            mkdir -p rootfs/bin; cp /bin/bash rootfs/bin/; mkdir -p more/opt; echo two > more/opt/f; tar -C more -czf more.tgz .
            echo 'mkdir -m 1777 tmp; echo said' > extra
            """, directory.Path);
        var run = await tool.RunAsync(
            ["layer", "--contents", "rootfs", "--contents", "more.tgz", "--extra-commands", "extra", "--fake-nss", "--bin-sh",
                "--uid", "12345", "--gid", "54321", "-o", "layer", "--json"], directory: directory.Path);
        Assert.True(run.ExitCode == 0, run.StandardError);
        Assert.Contains("said\n", run.StandardError, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(run.StandardOutput);
        var sum = await Testing.Tool.BashAsync(
            "sha256sum layer/layer.tar | cut -d ' ' -f 1; stat -c %s layer/layer.tar; tar -tf layer/layer.tar | wc -l", directory.Path);
        Assert.Equal($"{json.RootElement.GetProperty("diffId").GetString()!["sha256:".Length..]}\n{json.RootElement.GetProperty("size")}\n" +
            $"{json.RootElement.GetProperty("entries")}\n", sum);
        Assert.Equal(
            json.RootElement.GetProperty("checksum").GetString(),
            (await Testing.Tool.BashAsync("jq -r .checksum layer/json", directory.Path)).Trim());
        var listing = await Testing.Tool.BashAsync("tar --numeric-owner -tvf layer/layer.tar | awk '{print $1, $2, $6, $7, $8}'", directory.Path);
        Assert.Contains("drwxrwxrwt 12345/54321 ./tmp/", listing, StringComparison.Ordinal);
        Assert.Contains("lrwxrwxrwx 12345/54321 ./bin/sh -> /bin/bash", listing, StringComparison.Ordinal);
        Assert.Contains("./etc/passwd", listing, StringComparison.Ordinal);
        Assert.Contains("./opt/f", listing, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("bzip2")]
    [InlineData("xz")]
    [InlineData("zstd -q")]
    public async Task A_tarball_makes_the_same_layer_in_every_compression(string compressor)
    {
        using var directory = new TemporaryDirectory();
        await Testing.Tool.BashAsync($"mkdir -p c/opt; seq 100000 > c/opt/f; tar -C c -cf c.tar .; {compressor} -c c.tar > c.packed", directory.Path);
        foreach (var name in new[] { "c.tar", "c.packed" })
            (await tool.RunAsync(["layer", "--contents", name, "-o", $"layer-{name}"], directory: directory.Path)).Succeeded();
        Assert.Equal(
            "./\n./opt/\n./opt/f\n",
            await Testing.Tool.BashAsync("cmp layer-c.tar/layer.tar layer-c.packed/layer.tar; tar -tf layer-c.packed/layer.tar", directory.Path));
    }

    [Fact]
    public async Task Contents_and_ready_contents_follow_the_links_of_the_base_image()
    {
        using var directory = new TemporaryDirectory();
        await Testing.Tool.BashAsync("mkdir -p c/bin; echo x > c/bin/mine", directory.Path);
        var run = await tool.RunAsync(
            ["layer", "--from", InstalledTool.DebianBase, "--contents", "c", "--usr-bin-env", "--bin-sh", "-o", "layer", "--json"],
            directory: directory.Path);
        Assert.True(run.ExitCode == 0, run.StandardError);
        Assert.Equal("./\n./usr/\n./usr/bin/\n./usr/bin/mine\n", await Testing.Tool.OutputAsync("tar", "-tf", directory["layer/layer.tar"]));
        using var json = JsonDocument.Parse(run.StandardOutput);
        Assert.Equal(2, json.RootElement.GetProperty("parentLayers").GetInt32());
        Assert.Equal(2, json.RootElement.GetProperty("warnings").GetArrayLength());
    }

    [Fact]
    public async Task The_user_nobody_gets_the_same_bytes_as_root()
    {
        using var directory = new TemporaryDirectory();
        await Testing.Tool.BashAsync("""
            chmod 755 .; mkdir nobody; chown 65534:65534 nobody
            mkdir -p c/d c/ro; echo x > c/d/setuid; chmod 4755 c/d/setuid; setcap cap_net_raw+ep c/d/setuid; echo x > c/group; chmod 2755 c/group
            echo r > c/ro/f; chmod 555 c/ro
            echo 'mkdir -m 0 secret; echo s > key; chmod 0 key; mv group g2; chmod 700 d; ls -la > listing; sed -i d listing' > extra
            """, directory.Path);
        string[] arguments = ["layer", "--contents", directory["c"], "--extra-commands", directory["extra"]];
        var root = await tool.RunAsync([.. arguments, "-o", directory["root"]]);
        Assert.True(root.ExitCode == 0, root.StandardError);
        var nobody = await tool.RunAsNobodyAsync(directory["nobody"], [.. arguments, "-o", "layer"]);
        Assert.True(nobody.ExitCode == 0, nobody.StandardError);
        Assert.Equal(await File.ReadAllBytesAsync(directory["root/layer.tar"]), await File.ReadAllBytesAsync(directory["nobody/layer/layer.tar"]));
        Assert.Contains("setuid cap_net_raw=ep", await Testing.Tool.BashAsync(
            $"mkdir out; tar -C out --xattrs --xattrs-include='*' -xf root/layer.tar; getcap -r out", directory.Path), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory["nobody/cache/tmp"]));
    }

    [Fact]
    public async Task Time_zone_locale_umask_cores_file_system_order_and_hard_links_change_nothing()
    {
        using var directory = new TemporaryDirectory();
        await Testing.Tool.BashAsync("""
            mkdir -p one/d; for n in $(seq 300); do echo $((n % 7)) > one/d/$n; done; mkdir one/empty; echo 1 > one/a; echo 1 > one/b; ln -s a one/l
            echo 'date -d @0 +%c > when; umask > mask; mkdir made; (locale 2>/dev/null; echo $LANG $TZ) > where
            ls d | sort > order; echo $HOME | wc -w > home' > extra
            """, directory.Path);
        string[] arguments = ["layer", "--extra-commands", directory["extra"], "--fake-nss", "--contents"];
        var first = await tool.RunAsync([.. arguments, directory["one"], "-o", directory["first"]]);
        Assert.True(first.ExitCode == 0, first.StandardError);
        // The same files on a tmpfs, which lists them in another order; created in reverse order, with equal files hard-linked.
        await Testing.Tool.BashAsync($$"""
            mkdir tmpfs; mount -t tmpfs none tmpfs; trap 'cd /; umount {{directory["tmpfs"]}}' EXIT
            mkdir -p tmpfs/two/d; cd tmpfs/two; ln -s a l; echo 1 > b; ln b a; mkdir empty
            for n in 6 5 4 3 2 1 0; do echo $n > ../$n; done; for n in $(seq 300 -1 1); do ln ../$((n % 7)) d/$n; done; chmod 755 . d
            umask 077; export TZ=Asia/Kathmandu LC_ALL=tr_TR.UTF-8 LANG=tr_TR.UTF-8 DOTNET_PROCESSOR_COUNT=1
            export HOME={{directory.Path}} BASH_ENV=/dev/fd/2
            taskset -c 0 {{tool.Command}} {{string.Join(' ', arguments)}} . -o {{directory["second"]}} --cache-dir {{directory["cache"]}}
            """, directory.Path);
        foreach (var member in new[] { "layer.tar", "json", "VERSION" })
            Assert.Equal(await File.ReadAllBytesAsync(directory[$"first/{member}"]), await File.ReadAllBytesAsync(directory[$"second/{member}"]));
    }

    [Theory]
    [InlineData(
        "mkdir c; mkfifo c/pipe; python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"c/sock\")'", 3,
        "c, path sock: is a socket, which no layer can hold")]
    [InlineData("mkdir -p c/d; touch c/d/.wh.name", 3, "c, path d/.wh.name: begins with '.wh.'")]
    [InlineData("mkdir c; mknod c/gone c 0 0", 3, "c, path gone: is a character device 0:0")]
    [InlineData("true", 3, "c: does not exist")]
    [InlineData("echo no tar > c", 3, "c")]
    [InlineData("mkdir c; mkdir -p layer/precious", 3, "layer: exists and is not a layer directory")]
    [InlineData("mkdir c; echo precious > layer", 3, "layer: exists and is not a layer directory")]
    [InlineData("mkdir c; echo '[]' > base.json", 3, "base.json: is not a JSON object")]
    [InlineData("mkdir c; echo 'exit 3' > extra", 5, "The extra-commands script ended with status 3")]
    [InlineData("mkdir c; echo 'touch .wh.x' > extra", 3, "the result of the extra commands, path .wh.x: begins with '.wh.'")]
    [InlineData("ln -s . c", 3, "the output would be inside c, which it is made from")]
    public async Task Errors_have_one_sentence_and_an_exit_code_and_leave_no_output(string make, int exitCode, string sentence)
    {
        using var directory = new TemporaryDirectory();
        await Testing.Tool.BashAsync("touch base.json extra; echo '{}' > base.json\n" + make, directory.Path);
        var before = await Testing.Tool.BashAsync("find . | sort", directory.Path);
        var run = await tool.RunAsync(
            ["layer", "--contents", "c", "--base-json", "base.json", "--extra-commands", "extra", "-o", "layer"], directory: directory.Path);
        Assert.True(exitCode == run.ExitCode, run.StandardError);
        var error = Assert.Single(run.StandardError.Split('\n'), line => line.StartsWith("overlayimg: ", StringComparison.Ordinal));
        Assert.Contains(sentence, error, StringComparison.Ordinal);
        Assert.Equal(before, await Testing.Tool.BashAsync("find . | sort", directory.Path));
    }

    [Fact]
    public async Task A_file_that_the_user_may_not_read_is_named()
    {
        using var directory = new TemporaryDirectory();
        await Testing.Tool.BashAsync(
            "chmod 755 .; mkdir nobody c; chown 65534:65534 nobody; echo x > c/private; chmod 600 c/private", directory.Path);
        var run = await tool.RunAsNobodyAsync(directory["nobody"], "layer", "--contents", directory["c"], "-o", "layer");
        Assert.Equal(4, run.ExitCode);
        Assert.Contains("private can't be read: Permission denied", run.StandardError, StringComparison.Ordinal);
        Assert.False(Directory.Exists(directory["nobody/layer"]));
    }

    [Fact]
    public async Task A_file_that_changes_while_it_is_read_is_named()
    {
        using var directory = new TemporaryDirectory();
        // The script runs between the scan of the contents and the reading of their bytes, and changes a file like another process.
        await Testing.Tool.BashAsync($"mkdir c; echo x > c/log; echo 'echo more >> {directory["c/log"]}' > extra", directory.Path);
        var run = await tool.RunAsync(["layer", "--contents", "c", "--extra-commands", "extra", "-o", "layer"], directory: directory.Path);
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("path log: changed while it was read", run.StandardError, StringComparison.Ordinal);
        Assert.False(Directory.Exists(directory["layer"]));
    }

    [Fact]
    public async Task A_failing_script_is_in_the_json()
    {
        using var directory = new TemporaryDirectory();
        using var script = new MemoryStream("echo last words; exit 9"u8.ToArray());
        var run = await tool.RunAsync(["layer", "--extra-commands", "-", "-o", directory["layer"], "--json"], script);
        Assert.Equal(5, run.ExitCode);
        using var json = JsonDocument.Parse(run.StandardOutput);
        var error = json.RootElement.GetProperty("error");
        Assert.Equal((9, "extra-commands", "last words"),
            (error.GetProperty("status").GetInt32(), error.GetProperty("phase").GetString(), error.GetProperty("lastLines")[0].GetString()));
    }

    [Fact]
    public async Task An_interrupt_ends_the_script_and_leaves_nothing()
    {
        using var directory = new TemporaryDirectory();
        var name = Path.GetFileName(directory.Path);
        await File.WriteAllTextAsync(directory["extra"], $"touch {directory["started"]}; exec -a {name} sleep 300");
        var status = await Testing.Tool.BashAsync($$"""
            # Without job control, bash starts background commands with SIGINT ignored.
            set -m; {{tool.Command}} layer --extra-commands extra -o layer --cache-dir cache -q 2>errors & pid=$!
            until [ -e started ]; do kill -0 $pid; sleep 0.05; done
            kill -INT $pid; wait $pid || echo $?; pgrep -f ^{{name}} || true; ls -A cache/tmp; ls -d layer 2>/dev/null || true
            """, directory.Path);
        Assert.Equal("130\n", status);
    }
}
