using System.Text.Json;
using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests;

/// <summary>Tests of failed runs: the message has the cause, the exit code is right, and no output is left.</summary>
public sealed class FailureTests(InstalledTool tool)
{
    [Fact]
    public async Task A_script_stops_at_the_first_command_that_fails_shows_its_status_and_last_lines_and_leaves_no_output()
    {
        using var directory = new TemporaryDirectory();
        var run = await tool.RootLayerAsync(directory["layer"], "echo one; echo two >&2; touch /new\n(exit 42)\necho never-reached", "--quiet");
        Assert.Equal(5, run.ExitCode);
        Assert.DoesNotContain("never-reached", run.StandardError, StringComparison.Ordinal);
        Assert.Contains("42", run.StandardError, StringComparison.Ordinal);
        Assert.Contains("one", run.StandardError, StringComparison.Ordinal);
        Assert.Contains("two", run.StandardError, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
    }

    [Fact]
    public async Task The_status_of_a_failed_script_is_in_the_json()
    {
        using var directory = new TemporaryDirectory();
        var run = await tool.RootLayerAsync(directory["layer"], "echo why; kill -9 $$", "--json");
        Assert.Equal(5, run.ExitCode);
        using var json = JsonDocument.Parse(run.StandardOutput);
        var error = json.RootElement.GetProperty("error");
        Assert.Equal(137, error.GetProperty("status").GetInt32());
        Assert.Equal(5, error.GetProperty("exitCode").GetInt32());
        Assert.Contains("why", error.GetProperty("lastLines").EnumerateArray().Select(line => line.GetString()));
    }

    [Theory]
    [InlineData("echo > /dev/tcp/name.invalid/80", true)]
    [InlineData("echo > /dev/tcp/192.0.2.1/80", true)]
    [InlineData("echo > /missing/file", false)]
    public async Task The_error_for_a_failed_name_lookup_or_connection_mentions_the_network(string script, bool isTold)
    {
        using var directory = new TemporaryDirectory();
        var run = await tool.RootLayerAsync(directory["layer"], script);
        Assert.Equal(5, run.ExitCode);
        Assert.Equal(isTold, run.StandardError.Contains("The guest has no network. Give it a network (--network).", StringComparison.Ordinal));
        Assert.Equal(isTold, run.StandardError.Contains("network", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_script_that_takes_too_long_is_ended_with_6()
    {
        using var directory = new TemporaryDirectory();
        var run = await tool.RootLayerAsync(directory["layer"], "echo started; sleep 1000", "--timeout", "3s");
        Assert.Equal(6, run.ExitCode);
        Assert.Contains("The run did not end within 3 s", run.StandardError, StringComparison.Ordinal);
        Assert.Contains("--timeout", run.StandardError, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
    }

    [Fact]
    public async Task A_base_config_with_a_name_in_the_wrong_case_is_refused_before_the_script_runs()
    {
        using var directory = new TemporaryDirectory();
        await Testing.Tool.BashAsync("""
            mkdir -p base/d; tar -C base/d -cf base/layer.tar .
            jq -n --arg id sha256:$(sha256sum base/layer.tar | cut -c -64) \
              '{architecture: "amd64", os: "linux", config: {env: ["A=1"]}, rootfs: {type: "layers", diff_ids: [$id]}}' >base/config.json
            echo '[{"Config":"config.json","RepoTags":["a:1"],"Layers":["layer.tar"]}]' >base/manifest.json
            tar -C base -cf base.tar config.json manifest.json layer.tar
            """, directory.Path);
        var run = await tool.RootLayerAsync(directory["layer"], "exit 9", "--from", directory["base.tar"]);
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("'config.env' in the wrong case, which is 'Env'", run.StandardError, StringComparison.Ordinal);
        Assert.False(Directory.Exists(directory["layer"]));
    }

    [Fact]
    public async Task A_kernel_panic_is_reported_as_a_panic()
    {
        using var directory = new TemporaryDirectory();
        var run = await tool.RootLayerAsync(directory["layer"], "echo c > /proc/sysrq-trigger; sleep 30");
        Assert.Equal(4, run.ExitCode);
        Assert.Contains("panic", run.StandardError, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
    }

    [Fact]
    public async Task A_guest_without_memory_names_the_option_that_gives_it_more()
    {
        using var directory = new TemporaryDirectory();
        // dd asks for more memory than the guest has. Without overcommit, the kernel would refuse the allocation at once.
        var run = await tool.RootLayerAsync(
            directory["layer"], "echo 1 > /proc/sys/vm/overcommit_memory; dd if=/dev/zero of=/dev/null bs=1G count=1");
        Assert.Contains(run.ExitCode, new[] { 4, 5 });
        Assert.Contains("--memory", run.StandardError, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
    }

    [Fact]
    public async Task A_full_guest_disk_names_the_option_that_makes_it_larger()
    {
        using var directory = new TemporaryDirectory();
        var run = await tool.RootLayerAsync(directory["layer"], "dd if=/dev/zero of=/big bs=1M count=200", "--disk-size", "64M");
        Assert.Contains(run.ExitCode, new[] { 4, 5 });
        Assert.Contains("--disk-size", run.StandardError, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
    }

    [Fact]
    public async Task A_damaged_guest_disk_is_not_called_full()
    {
        using var directory = new TemporaryDirectory();
        const string Script = """
            mknod /disk b $(awk '$3 == 32768 { print $1, $2 }' /proc/partitions)
            dd if=/dev/urandom of=/disk bs=64k count=400 conv=notrunc; sync; echo 3 > /proc/sys/vm/drop_caches
            touch /one; find / -xdev > /dev/null; exit 1
            """;
        var run = await tool.RootLayerAsync(directory["layer"], Script, "--disk-size", "32M");
        Assert.Equal(5, run.ExitCode);
        Assert.Contains("is damaged", run.StandardError, StringComparison.Ordinal);
        Assert.DoesNotContain("--disk-size", run.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_error_for_a_file_with_a_whiteout_name_has_its_path()
    {
        using var directory = new TemporaryDirectory();
        var run = await tool.RootLayerAsync(directory["layer"], "mkdir -p /some/where; touch /some/where/.wh.x");
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("some/where/.wh.x", run.StandardError, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
    }

    [Fact]
    public async Task An_output_directory_with_other_files_is_not_touched()
    {
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory["layer"]);
        await File.WriteAllTextAsync(directory["layer/precious"], "kept", TestContext.Current.CancellationToken);
        var run = await tool.RootLayerAsync(directory["layer"], "true");
        Assert.Equal(3, run.ExitCode);
        Assert.Equal("kept", await File.ReadAllTextAsync(directory["layer/precious"], TestContext.Current.CancellationToken));
        Assert.Single(Directory.EnumerateFileSystemEntries(directory.Path));
    }

    [Fact]
    public async Task The_layer_of_an_earlier_run_is_replaced()
    {
        using var directory = new TemporaryDirectory();
        Assert.Equal(0, (await tool.RootLayerAsync(directory["layer"], "touch /first")).ExitCode);
        Assert.Equal(0, (await tool.RootLayerAsync(directory["layer"], "touch /second")).ExitCode);
        Assert.Equal("./\n./second\n", await Testing.Tool.OutputAsync("tar", "-tf", directory["layer/layer.tar"]));
        Assert.Single(Directory.EnumerateFileSystemEntries(directory.Path));
    }

    /// <summary>Covers CI jobs whose current directory was removed by an earlier step.</summary>
    [Fact]
    public async Task A_removed_current_directory_does_no_harm()
    {
        using var directory = new TemporaryDirectory();
        await tool.SeedCacheAsync(directory["cache"]);
        await File.WriteAllTextAsync(directory["script"], "echo made > /file", TestContext.Current.CancellationToken);
        await Testing.Tool.BashAsync($"""
            mkdir gone; cd gone; rmdir ../gone; unset OVERLAYIMG_GUEST_IMAGE
            {tool.Command} root-layer --run-as-root {directory["script"]} -o {directory["layer"]} --cache-dir {directory["cache"]}
            """, directory.Path);
        Assert.Equal("made\n", await Testing.Tool.OutputAsync("tar", "-xOf", directory["layer/layer.tar"], "./file"));
    }

    [Theory]
    [InlineData("SIGINT", 130)]
    [InlineData("SIGTERM", 143)]
    [InlineData("SIGHUP", 129)]
    [InlineData("SIGKILL", 137)]
    public async Task A_signal_to_the_tool_leaves_no_guest_and_no_files(string signal, int exitCode)
    {
        using var directory = new TemporaryDirectory();
        var cache = directory["cache"];
        await tool.SeedCacheAsync(cache);
        await File.WriteAllTextAsync(directory["script"], "echo script-runs; sleep 1000", TestContext.Current.CancellationToken);
        // The seeded cache has a snapshot of the packaged guest image.
        await using var run = RunningTool.Start(
            tool.Command, ["root-layer", "--run-as-root", directory["script"], "-o", directory["layer"], "--cache-dir", cache],
            environment: new Dictionary<string, string?> { ["OVERLAYIMG_GUEST_IMAGE"] = null });
        await run.LineAsync(line => line == "script-runs", TestContext.Current.CancellationToken);

        Assert.NotEmpty(await GuestsOfAsync(cache));
        await run.SignalAsync(signal["SIG".Length..]);
        Assert.Equal(exitCode, (await run.Ended).ExitCode);
        for (var attempt = 0; (await GuestsOfAsync(cache)).Length > 0; attempt++)
        {
            Assert.True(attempt < 300, "A guest is left.");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        Assert.False(Directory.Exists(directory["layer"]));
        // The next run removes the files that a run killed by SIGKILL leaves behind.
        Assert.Equal(0, (await tool.RunAsync(
            ["root-layer", "--run-as-root", "-", "-o", directory["layer"], "--cache-dir", cache], new MemoryStream("true"u8.ToArray()))).ExitCode);
        Assert.Equal(["cache", "layer", "script"], Directory.EnumerateFileSystemEntries(directory.Path).Select(Path.GetFileName).Order());
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(cache, "tmp")));
    }

    // Finds the QEMU processes of a run: their working directories are below the run's cache.
    private static Task<string> GuestsOfAsync(string cache) =>
        Testing.Tool.BashAsync($"for process in $(pgrep -f qemu-system || true); do readlink /proc/$process/cwd | grep -F '{cache}' || true; done");
}
