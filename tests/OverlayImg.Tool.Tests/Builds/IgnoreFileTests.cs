using OverlayImg.Testing;
using OverlayImg.Tool.Tests.Judges;

namespace OverlayImg.Tool.Tests.Builds;

/// <summary>
/// Tests of <c>.dockerignore</c>, <c>--ignore-file</c> and <c>--exclude</c>, which exclude the same files as
/// <c>docker build</c> and <c>buildah build</c>.
/// </summary>
public sealed class IgnoreFileTests(InstalledTool tool, DockerDaemon docker) : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();

    public async ValueTask InitializeAsync()
    {
        await Testing.Tool.BashAsync(
            """
            mkdir -p context/{.git/hooks,src/lib/deep,docs/empty,node_modules/one,'with space'}; cd context
            for file in .git/config .git/hooks/x .env README.md src/main.c src/main.o src/lib/a.o src/lib/deep/b.o src/lib/deep/README.md \
              docs/README.md docs/guide.txt node_modules/one/index.js 'with space/a file' 'été.txt' 'a.txt'; do echo "$file" > "$file"; done
            ln -s src/main.c link; ln src/main.c src/same.c
            printf 'FROM scratch\nCOPY . /\n' > Dockerfile
            """, _directory.Path);
    }

    public ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("git", ".git\n.env\nnode_modules")]
    [InlineData("everything", "*\n!src\nsrc/**/*.o")]
    [InlineData("nested", "**/*.o\n**/README.md\n!README.md")]
    [InlineData("again", "src\n!src/lib/deep\nsrc/lib/deep/*.o")]
    [InlineData("search", "*\n!docs/*.txt\n!src/lib/deep/README.md")]
    [InlineData("order", "!a.txt\na.txt\n!with space/a file\nwith*")]
    [InlineData("spaces", "  docs  \n\t.git\t\n #a.txt\n#.env\n\n")]
    [InlineData("classes", "src/main.[a-f]\n[^a-z]*.txt\nsrc/lib/?.o")]
    [InlineData("slashes", "/docs/\n./src//lib/../main.o\n/")]
    [InlineData("deep", "src/**/deep\ndocs/**")]
    [InlineData("escapes", "\\.git\nlin[k]\nDoc\\s")]
    [InlineData("windows", ".git\r\nsrc\r\n")]
    public async Task Contents_have_the_files_that_docker_copies(string name, string patterns)
    {
        await File.WriteAllTextAsync(_directory["context/.dockerignore"], patterns);
        var ours = await LayerAsync("--contents", "context");
        var client = await docker.CommandLineAsync();
        Assert.Equal(Own(await ListAsync(
            $"export DOCKER_BUILDKIT=0; {client} build -q -t ignore-{name} context >&2; {client} save ignore-{name} > image.tar; " +
            $"{client} rmi -f ignore-{name} >&2")), ours);
        // The options exclude the same files from the directory and from a tarball of it.
        File.Move(_directory["context/.dockerignore"], _directory["patterns"]);
        Assert.Equal(ours, await LayerAsync("--contents", "context", "--ignore-file", "patterns"));
        await Testing.Tool.BashAsync("tar -C context -cf context.tar .", _directory.Path);
        Assert.Equal(ours, await LayerAsync("--contents", "context.tar", "--ignore-file", "patterns"));
        string[] excludes = [.. patterns.Split('\n').SelectMany(pattern => new[] { "--exclude", pattern })];
        Assert.Equal(ours, await LayerAsync(["--contents", "context", .. excludes]));
    }

    [Theory]
    [InlineData("*\n!src\nsrc/**/*.o")]
    [InlineData("*\n!docs/*.txt\n!src/lib/deep/README.md")]
    [InlineData("!a.txt\na.txt\n!with space/a file\nwith*\n  docs  \n #a.txt")]
    public async Task Contents_have_the_files_that_buildah_copies(string patterns)
    {
        await File.WriteAllTextAsync(_directory["context/.dockerignore"], patterns);
        var copied = await ListAsync(
            """
            b="buildah --storage-driver=vfs --root $PWD/store --runroot $PWD/run"
            $b bud -q --isolation chroot -t ignore context >&2; $b push -q ignore docker-archive:image.tar; $b rmi -a -f >&2
            """);
        Assert.Equal(Own(copied), await LayerAsync("--contents", "context"));
    }

    [Fact]
    public async Task A_notice_names_the_ignore_file_and_an_option_replaces_the_file()
    {
        await Testing.Tool.BashAsync("echo docs > context/.dockerignore; echo src > context/.containerignore; echo a.txt > own", _directory.Path);
        var run = (await tool.RunAsync(["layer", "--contents", "context", "-o", "layer"], directory: _directory.Path)).Succeeded();
        Assert.Contains(
            "context: the files that context/.containerignore lists are left out (--ignore-file)", run.StandardError, StringComparison.Ordinal);
        Assert.DoesNotContain("./src/main.c", await ListLayerAsync("layer/layer.tar"), StringComparison.Ordinal);
        run = (await tool.RunAsync(
            ["layer", "--contents", "context", "--ignore-file", "own", "--exclude", "docs", "--exclude", "!a.txt", "-o", "other"],
            directory: _directory.Path)).Succeeded();
        Assert.DoesNotContain("ignore", run.StandardError, StringComparison.Ordinal);
        var listing = await ListLayerAsync("other/layer.tar");
        Assert.Contains("./src/main.c", listing, StringComparison.Ordinal);
        Assert.Contains("./a.txt", listing, StringComparison.Ordinal);
        Assert.DoesNotContain("./docs", listing, StringComparison.Ordinal);
    }

    [Fact]
    public async Task dockerTools_format_reads_no_ignore_files_but_has_the_options()
    {
        await Testing.Tool.BashAsync("echo docs > context/.dockerignore", _directory.Path);
        string[] build = ["build", "--contents", "context", "--format", "dockertools", "--name", "a", "--tag", "1"];
        (await tool.RunAsync([.. build, "-o", "all.tar"], directory: _directory.Path)).Succeeded();
        Assert.Contains("./docs/guide.txt", await ListAsync("cp all.tar image.tar"), StringComparison.Ordinal);
        (await tool.RunAsync([.. build, "--exclude", "docs", "-o", "some.tar"], directory: _directory.Path)).Succeeded();
        Assert.DoesNotContain("./docs", await ListAsync("cp some.tar image.tar"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Excluded_files_need_not_be_readable_and_scripts_do_not_see_them()
    {
        await Testing.Tool.BashAsync(
            "echo secret > context/.dockerignore; mkdir -m 700 context/secret; touch context/secret/x; chmod 711 .; chmod 755 context; " +
            "mkdir -m 777 out", _directory.Path);
        (await tool.RunAsNobodyAsync(_directory["out"], "layer", "--contents", "../context", "-o", "layer")).Succeeded();
        Assert.DoesNotContain("secret/", await ListLayerAsync("out/layer/layer.tar"), StringComparison.Ordinal);
        var run = await tool.RootLayerAsync(
            _directory["root"], "[ -e /src/main.c ] && [ ! -e /secret ] && [ ! -e /docs ]", "--contents", _directory["context"], "--exclude", "docs");
        Assert.True(run.ExitCode == 0, run.StandardError);
    }

    [Fact]
    public async Task A_pipe_named_like_an_ignore_file_and_a_pattern_with_a_hash_sign_are_files_and_patterns()
    {
        await Testing.Tool.BashAsync("mkfifo context/.dockerignore; touch 'context/#saved#'", _directory.Path);
        var listing = await LayerAsync("--contents", "context", "--exclude", "#*#");
        Assert.Contains("./a.txt", listing, StringComparison.Ordinal);
        Assert.DoesNotContain("#saved#", listing, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipe_as_ignore_file_is_read_once_also_where_the_layer_is_made_twice()
    {
        const string Command =
            """
            exec 3< <(echo docs)
            "$1" root-layer --check -q --contents context --ignore-file /dev/fd/3 --run-as-root script -o layer
            """;
        await File.WriteAllTextAsync(_directory["script"], "[ ! -e /docs ]");
        var run = await Testing.Tool.RunAsync("bash", ["-c", Command, "bash", tool.Command], directory: _directory.Path,
            environment: new Dictionary<string, string?> { ["OVERLAYIMG_CACHE_DIR"] = tool.Cache, ["OVERLAYIMG_GUEST_IMAGE"] = null });
        run.Succeeded();
        Assert.DoesNotContain("./docs", await ListLayerAsync("layer/layer.tar"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invalid_pattern_is_refused()
    {
        var run = await tool.RunAsync(["layer", "--contents", "context", "--exclude", "a[", "-o", "layer"], directory: _directory.Path);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("'a[': is not a pattern", run.StandardError, StringComparison.Ordinal);
        await File.WriteAllTextAsync(_directory["context/.dockerignore"], "ok\n!\n");
        run = await tool.RunAsync(["layer", "--contents", "context", "-o", "layer"], directory: _directory.Path);
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("context/.dockerignore, line 2: is not a pattern", run.StandardError, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_directory["layer"]));
    }

    private async Task<string> LayerAsync(params string[] arguments)
    {
        var layer = $"layer-{Guid.NewGuid():N}";
        (await tool.RunAsync(["layer", "-q", "-o", layer, .. arguments], directory: _directory.Path)).Succeeded();
        return Own(await ListLayerAsync($"{layer}/layer.tar"));
    }

    private Task<string> ListLayerAsync(string layer) => Testing.Tool.BashAsync($"LC_ALL=C.UTF-8 tar -tf {layer} | LC_ALL=C sort", _directory.Path);

    // Lists the top layer of image.tar.
    private Task<string> ListAsync(string make) => Testing.Tool.BashAsync(
        $$"""
        rm -f image.tar; {{make}}
        tar -xOf image.tar "$(tar -xOf image.tar manifest.json | jq -r '.[0].Layers[-1]')" | LC_ALL=C.UTF-8 tar -t |
          sed 's,^\(\./\)*,./,' | LC_ALL=C sort
        """, _directory.Path);

    // Removes the lines that differ for other reasons: the entry of the root and the files that control the build.
    private static string Own(string listing) => string.Join(
        '\n', listing.Split('\n').Where(line => line is not ("./" or "./Dockerfile" or "./.dockerignore" or "")));
}
