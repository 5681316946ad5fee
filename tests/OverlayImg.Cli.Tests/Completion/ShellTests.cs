using OverlayImg.Testing;

namespace OverlayImg.Cli.Tests.Completion;

/// <summary>The scripts of <c>overlayimg completion</c> complete words in the real shells.</summary>
public sealed class ShellTests : IAsyncLifetime
{
    // What a user types, and the words of the line after the last tab. X shows whether the shell has ended the word by a space.
    private static readonly (string Typed, string Words)[] Lines =
    [
        ("overlayimg roo<TAB>--run-<TAB>X", "<overlayimg><root-layer><--run-as-root><X>"),
        ("overlayimg build --format o<TAB>X", "<overlayimg><build><--format><oci><X>"),
        ("overlayimg build --format=o<TAB>X", "<overlayimg><build><--format=oci><X>"),
        ("overlayimg export he<TAB>X", "<overlayimg><export><hello.tar><X>"),
        ("overlayimg export --from=he<TAB>X", "<overlayimg><export><--from=hello.tar><X>"),
        ("overlayimg export my<TAB>X", "<overlayimg><export><my file.tar><X>"),
        ("overlayimg export \"my<TAB>", "<overlayimg><export><my file.tar>"),
        ("overlayimg export docker-a<TAB>he<TAB>X", "<overlayimg><export><docker-archive:hello.tar><X>"),
        ("overlayimg export docker-archive:hello.tar:<TAB>X", "<overlayimg><export><docker-archive:hello.tar:team/hello:1.0><X>"),
        ("overlayimg copy oci:la<TAB>X", "<overlayimg><copy><oci:layout/X>"),
        ("overlayimg copy oci:layout:<TAB>X", "<overlayimg><copy><oci:layout:2.0><X>"),
        ("overlayimg export hello.tar --from-n<TAB>te<TAB>X", "<overlayimg><export><hello.tar><--from-name><team/hello><X>"),
        ("overlayimg layer --contents di<TAB>in<TAB>X", "<overlayimg><layer><--contents><directory/inside/X>"),
        ("overlayimg root-layer --cache-mount ap<TAB>X", "<overlayimg><root-layer><--cache-mount><apt:X>"),
        ("overlayimg help cache p<TAB>r<TAB>X", "<overlayimg><help><cache><prune><X>"),
        ("overlayimg export $HERE/he<TAB>X", "<overlayimg><export><DIRECTORY/hello.tar><X>"),
    ];

    private readonly TemporaryDirectory _directory = new();

    private Dictionary<string, string?> Environment => new()
    {
        ["PATH"] = $"{_directory["bin"]}:{System.Environment.GetEnvironmentVariable("PATH")}",
        ["OVERLAYIMG_CACHE_DIR"] = _directory["cache"],
        ["HOME"] = _directory["home"],
        ["HERE"] = _directory["work"],
    };

    public async ValueTask InitializeAsync()
    {
        await TestProgram.WriteAsync(_directory["bin/overlayimg"], $"#!/bin/sh\nexec dotnet '{AppContext.BaseDirectory}overlayimg.dll' \"$@\"\n");
        await Testing.Tool.BashAsync("""
            mkdir -p home cache/cache-mounts/apt-1 work/directory/inside work/layout
            cd work
            touch 'my file.tar'
            echo '[{"Config":"c.json","RepoTags":["team/hello:1.0"],"Layers":[]}]' > manifest.json
            tar -cf hello.tar manifest.json
            rm manifest.json
            echo '{"imageLayoutVersion":"1.0.0"}' > layout/oci-layout
            digest=sha256:$(printf '%064d' 0)
            type=application/vnd.oci.image.manifest.v1+json
            echo '{"schemaVersion":2,"manifests":[{"mediaType":"'$type'","digest":"'$digest'","size":2,' \
              '"annotations":{"org.opencontainers.image.ref.name":"2.0"}}]}' > layout/index.json
            """, _directory.Path);
    }

    public ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    public async Task A_shell_completes_what_a_user_types(string shell)
    {
        using var typed = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(string.Concat(Lines.Select(line => line.Typed + "\n"))));
        var script = Path.Combine(AppContext.BaseDirectory, "Completion/type.py");
        var run = await Testing.Tool.RunAsync("/usr/bin/python3", [script, shell], typed, _directory["work"], Environment);
        var words = run.Succeeded().StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Lines.Select(line => line.Words.Replace("DIRECTORY", _directory["work"], StringComparison.Ordinal)), words);
    }

    [Fact]
    public async Task Fish_offers_words_with_descriptions()
    {
        Assert.Contains("build-layered\t", await FishAsync("overlayimg bui"), StringComparison.Ordinal);
        Assert.Equal("oci:layout/\n", await FishAsync("overlayimg copy oci:l"));
        Assert.Equal("oci:layout:2.0\n", await FishAsync("overlayimg copy oci:layout:"));
        Assert.Equal("--from=hello.tar\n", await FishAsync("overlayimg export --from=he"));
        Assert.Equal("my file.tar\n", await FishAsync("overlayimg export my"));
        Assert.Equal("1.0\n", await FishAsync("overlayimg export hello.tar --from-tag "));
        Assert.Equal("auto\nkvm\ntcg\n", await FishAsync("overlayimg build --accel "));
        Assert.Equal("", await FishAsync("overlayimg build --name "));
    }

    [Fact]
    public async Task Completion_creates_no_cache()
    {
        var answer = await RunAsync("__complete", "--", "zsh", "build", "--cache-dir", _directory["new"], "--cache-mount", "");
        Assert.Equal("words\n", answer.Succeeded().StandardOutput);
        answer = await RunAsync("__complete", "--", "zsh", "export", "--cache-dir", _directory["new"], "hello.tar", "--from-tag", "");
        Assert.Equal("words\n1.0\t\n", answer.Succeeded().StandardOutput);
        Assert.False(Path.Exists(_directory["new"]));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_directory["home"]));
    }

    private Task<ToolResult> RunAsync(params string[] arguments) =>
        Testing.Tool.RunAsync(_directory["bin/overlayimg"], arguments, directory: _directory["work"], environment: Environment);

    private async Task<string> FishAsync(string line)
    {
        var script = $"source (overlayimg completion fish | psub); complete -C '{line}'";
        var run = await Testing.Tool.RunAsync("fish", ["--no-config", "-c", script], directory: _directory["work"], environment: Environment);
        return run.Succeeded().StandardOutput;
    }
}
