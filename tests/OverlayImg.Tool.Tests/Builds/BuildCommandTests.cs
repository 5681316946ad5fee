using System.Text.Json;
using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests.Builds;

/// <summary>Tests of <c>build</c> options with and without a spec, and of the errors for wrong options.</summary>
public sealed class BuildCommandTests(InstalledTool tool)
{
    [Fact]
    public async Task Options_win_over_the_spec_and_the_spec_over_defaults()
    {
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory["specs/root"]);
        await File.WriteAllTextAsync(directory["specs/root/file"], "x");
        await File.WriteAllTextAsync(directory["specs/image.json"],
            """
            {"name":"Spec/App","tag":"1","copyToRoot":["root"],"extraCommands":"touch made","uid":7,"created":"2026-01-31","architecture":"arm64",
            "compressor":"gz","config":{"Cmd":["/from-spec"],"User":"spec"}}
            """);
        var run = await tool.RunAsync(
            ["build", "--spec", "specs/image.json", "--tag", "2", "--gid", "8", "--user", "option", "--env-var", "A=1", "--json", "-o", "image"],
            directory: directory.Path);
        Assert.True(run.ExitCode == 0, run.StandardError);
        using var json = JsonDocument.Parse(run.StandardOutput);
        Assert.Equal(("spec/app", "2"), (json.RootElement.GetProperty("name").GetString(), json.RootElement.GetProperty("tag").GetString()));
        var config = await Testing.Tool.BashAsync(
            "gzip -t image; tar -xzOf image $(tar -xzOf image manifest.json | jq -r '.[0].Config') | jq -c '[.architecture, .created, .config]'",
            directory.Path);
        Assert.Equal("""["arm64","2026-01-31T00:00:00Z",{"Cmd":["/from-spec"],"Env":["A=1"],"User":"option"}]""" + "\n", config);
        var layer = await Testing.Tool.BashAsync(
            "tar -xzOf image $(tar -xzOf image manifest.json | jq -r '.[0].Layers[0]') | tar -tv --numeric-owner | awk '{print $2, $6}'",
            directory.Path);
        Assert.Equal("7/8 ./\n7/8 ./file\n7/8 ./made\n", layer);
    }

    [Theory]
    [InlineData("build", "zstd", "a.tar.gz", "compressor is zstd, but -o a.tar.gz says gz")]
    [InlineData("build-layered", "gz", "a.tar", "compressor is gz, but -o a.tar says none")]
    [InlineData("build", "none", "docker-archive:a.tar.zst", "compressor is none, but -o docker-archive:a.tar.zst says zstd")]
    public async Task A_compressor_that_contradicts_the_file_extension_is_refused(string verb, string compressor, string output, string said)
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory["spec"], $$"""{"name":"a","compressor":"{{compressor}}"}""");
        var run = await tool.RunAsync([verb, "--spec", "spec", "-o", output], directory: directory.Path);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(said, run.StandardError, StringComparison.Ordinal);
        Assert.Equal([directory["spec"]], Directory.EnumerateFileSystemEntries(directory.Path));
    }

    [Fact]
    public async Task The_same_build_in_another_environment_and_through_a_pipe_gives_the_same_bytes()
    {
        using var directory = new TemporaryDirectory();
        await Testing.Tool.BashAsync("mkdir -p root/a; for n in $(seq 200 -1 1); do echo $n > root/a/$n; done; ln root/a/1 root/one", directory.Path);
        const string Arguments = "build --contents root --name app --cmd /a --label b=1 --label a=2";
        var here = $"export OVERLAYIMG_CACHE_DIR={tool.Cache}; {tool.Command} {Arguments}";
        await Testing.Tool.BashAsync(
            $"{here} -q -o first.tar; umask 077; export TZ=Asia/Kathmandu LC_ALL=tr_TR.UTF-8 DOTNET_PROCESSOR_COUNT=1; {here} -q -o - | " +
            "cmp - first.tar", directory.Path);
    }

    [Fact]
    public async Task A_transport_before_the_output_path_sets_the_format()
    {
        using var directory = new TemporaryDirectory();
        foreach (var output in new[] { "docker-archive:both.tar", "oci-archive:layout.tar", "plain.tar" })
        {
            var run = await tool.RunAsync(["build", "--name", "app", "--tag", "1", "-o", output], directory: directory.Path);
            Assert.True(run.ExitCode == 0, run.StandardError);
        }

        Assert.Equal(["both.tar", "layout.tar", "plain.tar"], Directory.EnumerateFileSystemEntries(directory.Path).Select(Path.GetFileName).Order());
        await Testing.Tool.BashAsync(
            "cmp both.tar plain.tar; tar -tf both.tar | grep -x manifest.json; ! tar -tf layout.tar | grep -x manifest.json", directory.Path);
    }

    [Theory]
    [InlineData(2, "--name", "-o", "x.tar")]
    [InlineData(2, "--output", "--name", "app")]
    [InlineData(2, "can't be the name of an image", "--name", "a b", "-o", "x.tar")]
    [InlineData(2, "the name app and the tag 1 separately", "--name", "app:1", "-o", "x.tar")]
    [InlineData(2, "can't be a tag", "--name", "app", "--tag", "a/b", "-o", "x.tar")]
    [InlineData(2, "--created", "--name", "app", "--created", "yesterday", "-o", "x.tar")]
    [InlineData(2, "--arch", "--name", "app", "--arch", "AMD", "-o", "x.tar")]
    [InlineData(2, "written to dir: directly", "--name", "app", "-o", "dir:x")]
    [InlineData(2, "contradicts oci:, which states the format", "--name", "app", "--format", "hybrid", "-o", "oci:x")]
    [InlineData(2, "can't be a name in an OCI layout", "--name", "app", "-o", "oci:x:a b")]
    [InlineData(2, "can't be a name in an OCI layout", "--name", "app", "-o", "oci-archive:x.tar:../a")]
    [InlineData(2, "is possible only with copy", "--name", "app", "-o", "docker-archive:x.tar.gz:app:1")]
    [InlineData(2, "give --from, too", "--name", "app", "--platform", "linux/arm64", "-o", "x.tar")]
    [InlineData(2, "--platform takes", "--name", "app", "--from", "b.tar", "--platform", "linux/", "-o", "x.tar")]
    [InlineData(3, "does not exist", "--name", "app", "-o", "oci:missing/x")]
    [InlineData(3, "does not exist", "--name", "app", "--from", "oci:missing:t", "-o", "x.tar")]
    [InlineData(2, "contradicts oci-archive:, which states the format", "--name", "app", "--format", "dockertools", "-o", "oci-archive:x.tar")]
    [InlineData(2, "--expose", "--name", "app", "--expose", "http", "-o", "x.tar")]
    [InlineData(2, "--cmd", "--name", "app", "--cmd", "[1]", "-o", "x.tar")]
    [InlineData(2, "--cpus", "--name", "app", "--cpus", "2", "-o", "x.tar")]
    [InlineData(3, "--config", "--name", "app", "--config", "{\"Cmd\":", "-o", "x.tar")]
    [InlineData(3, "Env", "--name", "app", "--config", "{\"Env\":\"A=1\"}", "-o", "x.tar")]
    [InlineData(3, "missing.json", "--name", "app", "--config", "missing.json", "-o", "x.tar")]
    [InlineData(3, "missing.json", "--spec", "missing.json", "-o", "x.tar")]
    [InlineData(3, "missing.txt", "--name", "app", "--closure", "missing.txt", "-o", "x.tar")]
    [InlineData(3, "missing.tar", "--name", "app", "--from", "missing.tar", "-o", "x.tar")]
    [InlineData(3, "does not exist", "--name", "app", "-o", "missing/x.tar")]
    public async Task Wrong_options_have_a_message_and_an_exit_code(int exitCode, string said, params string[] arguments)
    {
        using var directory = new TemporaryDirectory();
        var run = await tool.RunAsync(["build", .. arguments], directory: directory.Path);
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(said, run.StandardError, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
    }
}
