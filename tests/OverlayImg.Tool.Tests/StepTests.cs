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
}
