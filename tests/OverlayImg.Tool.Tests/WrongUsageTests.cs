using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests;

/// <summary>Tests that wrong usage ends with exit code 2 before any work starts.</summary>
public sealed class WrongUsageTests(InstalledTool tool)
{
    [Theory]
    [InlineData("root-layer")]
    [InlineData("root-layer -o x")]
    [InlineData("root-layer -o x --run-as-root s --no-such-option")]
    [InlineData("root-layer -o x --run-as-root s --memory many")]
    [InlineData("root-layer -o x --run-as-root s --memory 1M")]
    [InlineData("build --name a -o x.tar --layer-per-step")]
    [InlineData("build --name a -o x.tar --layer-per-step --run true --format dockertools")]
    [InlineData("root-layer -o x --run-as-root s --memory 64")]
    [InlineData("root-layer -o x --run-as-root s --disk-size 0")]
    [InlineData("root-layer -o x --run-as-root s --timeout never")]
    [InlineData("root-layer -o x --run-as-root s --accel xen")]
    [InlineData("root-layer -o x --run-as-root s --cpus 0")]
    [InlineData("root-layer -o x --run-as-root s --env novalue")]
    [InlineData("root-layer -o x --run-as-root - --run-as-root -")]
    [InlineData("root-layer -o x --run-as-root - --secret a=-")]
    [InlineData("root-layer -o x --run ")]
    [InlineData("root-layer -o x --run true --secret ../a=s")]
    [InlineData("root-layer -o x --run true --secret a=s --secret a=t")]
    [InlineData("root-layer -o x --run true --secret a=s --mount d:/run/secrets/")]
    [InlineData("root-layer -o x --run true --reuse-network")]
    [InlineData("root-layer -o x --run-as-root s --env 1x=y")]
    [InlineData("root-layer -o x --run-as-root s --mount /somewhere")]
    [InlineData("root-layer -o x --run-as-root s --mount /somewhere:relative")]
    [InlineData("root-layer -o x --run-as-root s --mount /somewhere:/dev/x")]
    [InlineData("root-layer -o x --run-as-root s --mount /somewhere://")]
    [InlineData("root-layer -o x --run-as-root s --mount /somewhere:/x --cache-mount x:/x")]
    [InlineData("root-layer -o x --run-as-root s --cache-mount /x")]
    [InlineData("root-layer -o x --run-as-root s --cache-mount a/b:/x")]
    [InlineData("root-layer -o x --run-as-root s --cache-mount a:x")]
    [InlineData("root-layer -o x --run-as-root s --cache-mount a:/x --cache-mount a:/y")]
    [InlineData("root-layer -o x --run-as-root s --cache-mount a:/x --cache-mount b:/x/")]
    [InlineData("root-layer -o x --run-as-root s --mount /somewhere:/x:ro")]
    [InlineData("root-layer -o x --run-as-root s --cache-mount a:/etc")]
    [InlineData("root-layer -o x --run-as-root s --cache-mount a:/x --cache-mount b:/x/y")]
    [InlineData("root-layer -o x --run-as-root s --cache-mount a:/x/y --mount /somewhere:/x")]
    [InlineData("root-layer -o x --run-as-root s --from-name n")]
    [InlineData("layer -o x --cache-limit 5X")]
    [InlineData("build --name a --tag 1 -o x.tar --workdir relative")]
    [InlineData("build --name a --tag 1 -o x.tar --stop-signal SIGNONE")]
    [InlineData("root-layer -o x --run-as-root s --xattrs --no-xattrs")]
    [InlineData("run -o x")]
    [InlineData("layer")]
    [InlineData("layer -o x --uid root")]
    [InlineData("layer -o x --gid 4294967295")]
    [InlineData("layer -o x --from-tag t")]
    [InlineData("layer --contents d --ignore-file - --extra-commands - -o x")]
    [InlineData("root-layer --ignore-file - --run-as-root - -o x")]
    [InlineData("build --name a --config - --run-as-root - -o x.tar")]
    [InlineData("build --name a -o x.tar --inherit-config --no-inherit-config")]
    [InlineData("build --name a --run-as-root s --env a/b=1 -o x.tar")]
    [InlineData("layer -o x --keep-contents-dirlinks --follow-contents-dirlinks")]
    [InlineData("build --name a --tag 1 -o x.qcow2")]
    [InlineData("build --name a --tag 1 --format dockertools --compression gzip -o x.tar")]
    [InlineData("build-layered --name a --tag 1 -o x.zip")]
    [InlineData("export a -o x.qcow2")]
    [InlineData("pull docker://one.test/a -o x.squashfs")]
    [InlineData("copy a.tar docker-archive:x.zip")]
    [InlineData("merge a -o x.tar.xz")]
    [InlineData("merge-images a b -o x.zip")]
    [InlineData("run --post-mount s --out x.tar.gz -o layer")]
    [InlineData("run --post-mount s --out x.zip -o layer")]
    [InlineData("merge")]
    [InlineData("merge a")]
    [InlineData("merge a -o x --only-deps")]
    [InlineData("merge a -o - --json")]
    [InlineData("layer -o x --no-such-option --json")]
    [InlineData("no-such-verb --json")]
    [InlineData("copy docker://one.test/a docker://two.test/a --plain-http")]
    [InlineData("copy docker://one.test/a oci:x --dest-tls-no-verify")]
    [InlineData("push docker://one.test/a two.test/a --tls-no-verify")]
    [InlineData("diff docker://one.test/a docker://two.test/a --tls-no-verify")]
    [InlineData("snippet no-such-snippet")]
    [InlineData("tarsum a b")]
    [InlineData("no-such-verb")]
    public async Task Wrong_usage_ends_with_2_and_a_message(string arguments)
    {
        using var directory = new TemporaryDirectory();
        var run = await tool.RunAsync(arguments.Split(' '), directory: directory.Path);
        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith("overlayimg: ", run.StandardError, StringComparison.Ordinal);
        if (arguments.Contains("--json", StringComparison.Ordinal)) Assert.Contains("\"exitCode\": 2", run.StandardOutput, StringComparison.Ordinal);
        else Assert.Empty(run.StandardOutput);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
    }

    [Fact]
    public async Task An_argument_with_an_at_sign_is_no_response_file()
    {
        using var directory = new TemporaryDirectory();
        // If "@c" and "@l" were response files, the tool would read these files and print its help.
        await Testing.Tool.BashAsync("mkdir @c; echo x > @c/x; echo --help > c; echo --help > l", directory.Path);
        var run = await tool.RunAsync(["layer", "--contents", "@c", "-o", "@l"], directory: directory.Path);
        Assert.True(run.ExitCode == 0, run.StandardError);
        Assert.Equal("./\n./x\n", await Testing.Tool.OutputAsync("tar", "-tf", directory["@l/layer.tar"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("build")]
    [InlineData("build-layered")]
    [InlineData("stream-layered")]
    [InlineData("layer")]
    [InlineData("root-layer")]
    [InlineData("run")]
    [InlineData("pull")]
    [InlineData("push")]
    [InlineData("copy")]
    [InlineData("export")]
    [InlineData("inspect")]
    [InlineData("diff")]
    [InlineData("validate")]
    [InlineData("merge")]
    [InlineData("merge-images")]
    [InlineData("snippet")]
    [InlineData("tarsum")]
    [InlineData("cache")]
    [InlineData("doctor")]
    [InlineData("completion")]
    [InlineData("help")]
    public async Task Help_has_an_example_and_each_default_once(string verb)
    {
        var run = await tool.RunAsync([.. verb.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("Examples:\n  ", run.StandardOutput, StringComparison.Ordinal);
        Assert.Contains($"overlayimg {verb}".TrimEnd(),
            run.StandardOutput[run.StandardOutput.IndexOf("Examples:", StringComparison.Ordinal)..], StringComparison.Ordinal);
        Assert.DoesNotContain(run.StandardOutput.Split('\n'), line => line.Split("[default:").Length > 2);
    }

    [Theory]
    [InlineData("", "--help")]
    [InlineData("help", "--help")]
    [InlineData("help build", "build --help")]
    [InlineData("help cache ls", "cache ls -h")]
    [InlineData("cache help ls", "cache ls -h")]
    [InlineData("doctor help", "doctor --help")]
    public async Task The_help_has_several_ways(string way, string other)
    {
        var (run, same) = (await tool.RunAsync(way.Split(' ', StringSplitOptions.RemoveEmptyEntries)), await tool.RunAsync(other.Split(' ')));
        Assert.Equal((0, ""), (run.ExitCode, run.StandardError));
        Assert.Equal(same.StandardOutput, run.StandardOutput);
        Assert.StartsWith("{\n  \"help\": ", (await tool.RunAsync([.. other.Split(' '), "--json"])).StandardOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_installed_tool_completes_and_writes_man_pages()
    {
        using var directory = new TemporaryDirectory();
        var answer = await tool.RunAsync(["__complete", "--", "bash", $"overlayimg inspect {InstalledTool.DebianBase} --tag ", ":="]);
        Assert.Equal("words\nbookworm\n", answer.Succeeded().StandardOutput);
        Assert.Contains("complete -F", (await tool.RunAsync(["completion", "bash"])).StandardOutput, StringComparison.Ordinal);
        (await Testing.Tool.RunAsync(Path.Combine(ExamplesTests.Root(), "tools/man"), [directory["man"], tool.Command])).Succeeded();
        Assert.Equal(["build", "cache-ls"], new[] { "build", "cache-ls" }.Where(verb => File.Exists(directory[$"man/overlayimg-{verb}.1"])));
    }

    [Fact]
    public async Task The_version_is_the_packages()
    {
        var run = await tool.RunAsync(["--version"]);
        Assert.Equal(0, run.ExitCode);
        var package = Path.GetFileNameWithoutExtension(Environment.GetEnvironmentVariable("OVERLAYIMG_TEST_PACKAGE")!)["overlayimg.".Length..];
        Assert.Equal(package, run.StandardOutput.Trim().Split('+')[0]);
    }
}
