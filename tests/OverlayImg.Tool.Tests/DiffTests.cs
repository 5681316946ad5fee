using System.Text.Json.Nodes;
using OverlayImg.Testing;
using OverlayImg.Tool.Tests.Judges;

namespace OverlayImg.Tool.Tests;

/// <summary>Two images, the second with every kind of edit, and the output of <c>diff</c> for them.</summary>
public sealed class EditedImage(InstalledTool tool) : IAsyncLifetime
{
    private const string Before = """
        mkdir -p gone/deep kept meta links 'odd name'
        echo same > kept/same; echo touched > kept/touched; echo old > kept/content; echo 12345 > kept/size; echo x > kept/mode; echo x > kept/owner
        ln -s one kept/link; mknod kept/device c 1 3; echo f > kept/becomes-directory; mkdir kept/becomes-file; echo in > kept/becomes-file/in
        echo x > kept/attributes; setfattr -n user.same -v 1 kept/attributes; setfattr -n user.other -v old kept/attributes
        setfattr -n user.gone -v 1 kept/attributes
        echo d > gone/deep/file; echo l > links/a; ln links/a links/b; echo l > links/c; printf 'x' > 'odd name/'$'\e[31m'
        """;

    private const string Edits = """
        rm -r gone; mkdir -p new; echo n > new/file; touch -d @5 kept/touched; echo odd > kept/content; echo 123456 > kept/size; chmod 600 kept/mode
        chown 12:34 kept/owner; ln -sfn two kept/link; rm kept/device; mknod kept/device c 1 5; rm kept/becomes-directory
        mkdir kept/becomes-directory
        rm -r kept/becomes-file; echo f > kept/becomes-file; setfattr -n user.other -v new kept/attributes; setfattr -x user.gone kept/attributes
        setfattr -n user.new -v new kept/attributes; rm links/b; ln links/c links/b; rm 'odd name/'$'\e[31m'; chmod 700 meta
        """;

    private readonly TemporaryDirectory _directory = new();

    /// <summary>The first image.</summary>
    public string First => _directory["first.tar"];

    /// <summary>The edited image.</summary>
    public string Second => _directory["second.tar"];

    /// <summary>The directories from which the two images were packed.</summary>
    public (string First, string Second) Trees => (_directory["first"], _directory["second"]);

    /// <summary>The lines that <c>diff</c> prints.</summary>
    public string[] Lines { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        const string Pack = "tar --sort=name --xattrs --xattrs-include='*' --format=posix --pax-option=delete=atime,delete=ctime";
        await Testing.Tool.BashAsync(
            $"umask 022; mkdir first; (cd first; {Before}\n); find first -exec touch -hd @1 {{}} +; cp -a first second; (cd second; {Edits}\n)\n" +
            $"for tree in first second; do {Pack} -C $tree -cf $tree-layer.tar .; done", _directory.Path);
        foreach (var name in new[] { "first", "second" })
            await DerivedImage.WriteAsync(_directory[$"{name}.tar"], null, _directory[$"{name}-layer.tar"]);
        var run = await tool.RunAsync(["diff", First, Second]);
        Assert.True(run.ExitCode == 0, run.StandardError);
        Lines = run.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    public ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>Compares the output of <c>diff</c> with the edits and with the output of rsync.</summary>
public sealed class DiffTests(InstalledTool tool, EditedImage images) : IClassFixture<EditedImage>
{
    [Fact]
    public void Every_edit_is_listed_and_nothing_else()
    {
        string[] expected =
        [
            "removed /gone", "removed /gone/deep", "removed /gone/deep/file",
            "changed /kept/attributes: xattr user.gone 1 -> (none); xattr user.new (none) -> new; xattr user.other old -> new",
            "changed /kept/becomes-directory: type file -> directory",
            "changed /kept/becomes-file: type directory -> file", "removed /kept/becomes-file/in",
            "changed /kept/content: content sha256:6d997896d96c5e89f6dc05b5e5e08a9dbf35c8a2e2b0e8a92bb6e9b1f2c8c0a0",
            "changed /kept/device: device 1:3 -> 1:5", "changed /kept/link: target one -> two", "changed /kept/mode: mode 0644 -> 0600",
            "changed /kept/owner: owner 0:0 -> 12:34", "changed /kept/size: size 6 -> 7; content sha256:",
            "changed /links/a: hard links 2 names, the first links/a -> (none)",
            "changed /links/b: hard links 2 names, the first links/a -> 2 names, the first links/b",
            "changed /links/c: hard links (none) -> 2 names, the first links/b", "changed /meta: mode 0755 -> 0700",
            "added /new", "added /new/file", "removed /odd name/\\033[31m",
        ];
        var paths = images.Lines.Where(line => line.Contains(" /", StringComparison.Ordinal)).ToArray();
        Assert.Equal(expected.Length, paths.Length);
        Assert.All(expected.Zip(paths), pair => Assert.StartsWith(WithoutDigests(pair.First), WithoutDigests(pair.Second), StringComparison.Ordinal));
        Assert.Contains(images.Lines, line => line.StartsWith("changed rootfs.diff_ids[0]: sha256:", StringComparison.Ordinal));
        Assert.Equal(paths.Length + 1, images.Lines.Length);
    }

    [Fact]
    public async Task Digests_are_those_of_sha256sum()
    {
        var (first, second) = images.Trees;
        var sums = (await Testing.Tool.BashAsync($"cat '{first}/kept/content' | sha256sum; cat '{second}/kept/content' | sha256sum")).Split('\n');
        Assert.Contains($"changed /kept/content: content sha256:{sums[0][..64]} -> sha256:{sums[1][..64]}", images.Lines);
    }

    // rsync does not compare hard links. It lists the files below a removed directory only with --delete.
    [Fact]
    public async Task Rsync_finds_the_same_paths()
    {
        var (first, second) = images.Trees;
        var found = (await Testing.Tool.BashAsync($"rsync -nacXi --no-times --delete '{second}/' '{first}/' | cut -c 13-"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(path => "/" + path.Split(" -> ")[0].TrimEnd('/').Replace("\\#033", "\\033", StringComparison.Ordinal)).ToHashSet();
        var told = images.Lines
            .Where(line => line.Contains(" /", StringComparison.Ordinal) && !line.StartsWith("changed /links/", StringComparison.Ordinal))
            .Select(line => line[line.IndexOf('/', StringComparison.Ordinal)..].Split(':')[0]).ToHashSet();
        Assert.NotEmpty(found);
        Assert.Equal(found.Order(StringComparer.Ordinal), told.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Times_are_compared_only_with_the_option()
    {
        var run = await tool.RunAsync(["diff", "--times", images.First, images.Second]);
        Assert.Contains("changed /kept/touched: time @1.000000000 -> @5.000000000\n", run.StandardOutput, StringComparison.Ordinal);
        Assert.DoesNotContain(images.Lines, line => line.Contains("touched", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_json_object_has_the_same_differences()
    {
        var run = await tool.RunAsync(["diff", "--json", "--exit-code", images.First, images.Second]);
        Assert.Equal(7, run.ExitCode);
        var json = JsonNode.Parse(run.StandardOutput)!;
        Assert.False(json["equal"]!.GetValue<bool>());
        var paths = json["paths"]!.AsArray();
        Assert.Equal(images.Lines.Count(line => line.Contains(" /", StringComparison.Ordinal)), paths.Count);
        var mode = paths.Single(path => path!["path"]!.GetValue<string>() == "/kept/mode")!["differences"]![0]!;
        Assert.Equal(
            ("mode", "0644", "0600"), (mode["what"]!.GetValue<string>(), mode["first"]!.GetValue<string>(), mode["second"]!.GetValue<string>()));
        Assert.Equal("rootfs.diff_ids[0]", json["fields"]![0]!["field"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_page_has_the_same_paths_and_keeps_the_exit_code()
    {
        using var directory = new TemporaryDirectory();
        var run = await tool.RunAsync(
            ["diff", "--exit-code", "--json", "--html", "page.html", images.First, images.Second], directory: directory.Path);
        Assert.Equal(7, run.ExitCode);
        Assert.Equal(new FileInfo(directory["page.html"]).Length, JsonNode.Parse(run.StandardOutput)!["html"]!["size"]!.GetValue<long>());
        var page = await File.ReadAllTextAsync(directory["page.html"]);
        Assert.Equal(page, (await tool.RunAsync(["diff", "--html", "-", images.First, images.Second])).Succeeded().StandardOutput);
        var data = JsonNode.Parse(page.Split("id=\"data\">")[1].Split("</script>")[0])!;
        string[] kinds = ["added", "removed", "changed"];
        Assert.Equal(
            images.Lines.Where(line => line.Contains(" /", StringComparison.Ordinal)).Select(line => line.Split(": ")[0]).Order(),
            data["paths"]!.AsArray().Select(path => $"{kinds[path![1]!.GetValue<int>()]} {path[0]}").Order());
        var plain = (await tool.RunAsync(["diff", "--html", directory["page.html"], images.First, images.Second])).Succeeded();
        Assert.Empty(plain.StandardOutput);
        Assert.Equal(2, (await tool.RunAsync(["diff", "--json", "--html", "-", images.First, images.Second])).ExitCode);
    }

    [Fact]
    public async Task An_image_equals_itself_in_another_archive_and_compression()
    {
        using var directory = new TemporaryDirectory();
        (await Testing.Tool.RunAsync("skopeo",
            ["--insecure-policy", "copy", $"docker-archive:{images.First}", $"docker-archive:{directory["copy.tar"]}:{DerivedImage.Name}"]))
            .Succeeded();
        await Testing.Tool.BashAsync("gzip -1 copy.tar", directory.Path);
        var run = await tool.RunAsync(["diff", "--exit-code", "--times", images.First, directory["copy.tar.gz"]]);
        Assert.True(run.ExitCode == 7, run.StandardError);
        // skopeo writes the normalized name.
        Assert.Equal($"changed names: {DerivedImage.Name} -> docker.io/library/{DerivedImage.Name}\n", run.StandardOutput);
        var same = await tool.RunAsync(["diff", "--exit-code", images.First, images.First]);
        Assert.True(same.ExitCode == 0, same.StandardError);
        Assert.Empty(same.StandardOutput);
    }

    [Fact]
    public async Task A_layer_whose_digest_differs_from_the_config_is_refused()
    {
        using var directory = new TemporaryDirectory();
        await Testing.Tool.BashAsync(
            $"LC_ALL=C sed 's/touched$/tuched!/' '{images.First}' > broken.tar; ! cmp -s broken.tar '{images.First}'", directory.Path);
        var run = await tool.RunAsync(["diff", images.Second, "broken.tar"], directory: directory.Path);
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("broken.tar", run.StandardError, StringComparison.Ordinal);
    }

    private static string WithoutDigests(string line) => line.Split(" sha256:")[0];
}
