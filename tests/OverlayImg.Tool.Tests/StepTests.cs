using System.Text.Json;
using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests;

/// <summary>Tests of several scripts and commands in one run, and of the secrets, files and variables that they see.</summary>
public sealed class StepTests(InstalledTool tool) : IDisposable
{
    private const string Secret = "correct-horse-battery-staple";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Scripts_and_commands_run_in_their_order_and_nothing_keeps_the_secret()
    {
        await Testing.Tool.BashAsync($"""
            printf {Secret} >secret; echo mounted >file
            printf '%s\n' '#!/bin/bash' 'echo two >>/made; sha256sum </run/secrets/key >>/made; cat /etc/file >>/made' >two.sh
            """, _directory.Path);
        var cache = _directory["cache"];
        await tool.SeedCacheAsync(cache);
        string[] arguments =
        [
            "root-layer", "-v", "--from", InstalledTool.DebianBase, "--cache-dir", cache, "-o", _directory["layer"], "--reuse", "--json",
            "--run", "readlink /proc/$$/exe >/made", "--run-as-root", _directory["two.sh"], "--run=echo \"$VALUE\" >>/made", "--run-as-root", "-",
            "--script-env", "VALUE=--run", "--secret", $"key={_directory["secret"]}", "--mount", $"{_directory["file"]}:/etc/file",
        ];
        var run = (await tool.RunAsync(arguments, new MemoryStream("echo four >>/made"u8.ToArray()))).Succeeded();
        Assert.Equal(
            "/usr/bin/dash\ntwo\n87cbebfeebc05f7c54ac9336c4b4bbec831227a641951a4bde7edd56020f8590  -\nmounted\n--run\nfour\n",
            await Testing.Tool.OutputAsync("tar", "-xOf", _directory["layer/layer.tar"], "./made"));
        Assert.Equal("./\n./made\n", await Testing.Tool.OutputAsync("tar", "-tf", _directory["layer/layer.tar"]));
        Assert.Contains("Running step 3 of 4: echo \"$VALUE\" >>/made", run.StandardError, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, run.StandardError + run.StandardOutput, StringComparison.Ordinal);
        // The search can find a secret: it finds the file of the host that the secret was read from.
        Assert.Equal($"{_directory["secret"]}\n", await Testing.Tool.BashAsync($"grep -rlaF {Secret} {_directory.Path}", _directory.Path));

        // Another secret of the same name is not an input.
        await File.WriteAllTextAsync(_directory["secret"], "another", TestContext.Current.CancellationToken);
        var later = (await tool.RunAsync(arguments, new MemoryStream("echo four >>/made"u8.ToArray()))).Succeeded();
        Assert.Contains("\"reused\": true", later.StandardOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_is_told_with_step_script_line_and_command_and_scripts_see_the_variables_of_the_base_image()
    {
        await Testing.Tool.BashAsync("printf '%s\\n' '#!/usr/bin/env bash' 'set -eu' 'echo \"$A $B $PATH\"' 'ls /nope' >set-up.sh", _directory.Path);
        (await tool.RunAsync(
            ["build", "-q", "--from", InstalledTool.DebianBase, "--env", "A=base", "--env", "B=base", "--env", "PATH=/app:/usr/bin:/bin",
                "--name", "a", "--tag", "1", "-o", _directory["a.tar"]])).Succeeded();
        var run = await tool.RunAsync(
            ["root-layer", "--from", _directory["a.tar"], "--env", "B=own", "--run", "true", "--run-as-root", _directory["set-up.sh"], "--json",
                "-o", _directory["layer"]]);
        Assert.Equal(5, run.ExitCode);
        using var json = JsonDocument.Parse(run.StandardOutput);
        var error = json.RootElement.GetProperty("error");
        Assert.Equal(
            (2, 4, 2, 2, "ls /nope", _directory["set-up.sh"]),
            (error.GetProperty("step").GetInt32(), error.GetProperty("line").GetInt32(), error.GetProperty("status").GetInt32(),
                error.GetProperty("commandStatus").GetInt32(), error.GetProperty("command").GetString()!, error.GetProperty("script").GetString()!));
        Assert.Equal("base own /app:/usr/bin:/bin:/.overlayimg/bin", error.GetProperty("lastLines")[0].GetString());
        Assert.Contains(
            $"Step 2 ({_directory["set-up.sh"]}), line 4: `ls /nope` ended with status 2.", error.GetProperty("message").GetString(),
            StringComparison.Ordinal);
        Assert.False(Directory.Exists(_directory["layer"]));
    }

    [Fact]
    public async Task With_layer_per_step_each_step_has_a_layer_and_the_unchanged_first_steps_are_reused()
    {
        await Testing.Tool.BashAsync("mkdir contents; echo 1 >contents/one", _directory.Path);
        async Task<ToolResult> BuildAsync(string output, string third) => await tool.RunAsync(
            [
                "build", "--from", InstalledTool.DebianBase, "--contents", "contents", "--layer-per-step", "--reuse",
                "--run", "cat /one >/two", "--run", "rm /one", "--run", third, "--name", "a", "--tag", "1", "--json", "-o", output,
            ], directory: _directory.Path);

        (await BuildAsync("a.tar", "cat /two >/three; ls /one || rm /two")).Succeeded();
        const string members =
            """
            manifest() { tar -xOf a.tar manifest.json | jq -r ".[0].$1"; }
            for layer in $(manifest 'Layers[2:][]'); do tar -xOf a.tar $layer | tar -t | sort | tr '\n' ' '; echo; done
            tar -xOf a.tar $(manifest Config) | jq -r '.history[-2:][].comment'
            """;
        Assert.Equal(
            "./ ./one \n./ ./two \n./ ./.wh.one \n./ ./.wh.two ./three \nrm /one\ncat /two >/three; ls /one || rm /two\n",
            await Testing.Tool.BashAsync(members, _directory.Path));
        (await Testing.Tool.RunAsync("skopeo",
            ["--insecure-policy", "copy", $"docker-archive:{_directory["a.tar"]}", $"oci:{_directory["layout"]}:a"])).Succeeded();

        // Only the changed step runs. A failure tells the number of the step in the whole build.
        var failed = await BuildAsync("b.tar", "cat /two; false");
        Assert.Equal(5, failed.ExitCode);
        Assert.Contains("Reusing the layer of step 2 of 3: rm /one", failed.StandardError, StringComparison.Ordinal);
        Assert.DoesNotContain("Running step 2", failed.StandardError, StringComparison.Ordinal);
        Assert.Contains("Step 3: `cat /two; false` ended with status 1.", failed.StandardError, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(failed.StandardOutput);
        Assert.Equal(3, json.RootElement.GetProperty("error").GetProperty("step").GetInt32());
        Assert.Equal("1", json.RootElement.GetProperty("error").GetProperty("lastLines")[0].GetString());
        Assert.False(File.Exists(_directory["b.tar"]));
    }
}
