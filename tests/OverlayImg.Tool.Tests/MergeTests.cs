using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests;

/// <summary>Tests of <c>merge</c>. For plain directories, the expected result comes from the cp command of dockerTools.</summary>
public sealed class MergeTests(InstalledTool tool)
{
    private const string List =
        "find . -mindepth 1 -printf '%P %y %m %n %l\\n' | LC_ALL=C sort; find . -type f | LC_ALL=C sort | xargs -d '\\n' -r cat";

    private const string Items = """
        mkdir -p a/d a/ro b/d; echo one > a/d/f; echo two > b/d/f; chmod 4750 b/d/f; echo x > a/x; ln a/x a/hard
        ln -s d a/link; ln -s nowhere b/dangling; echo r > a/ro/f; chmod 555 a/ro
        echo 'name with space' > 'a/a b'; mkfifo b/pipe; chmod 711 b/d
        """;

    [Fact]
    public async Task Directories_merge_as_in_dockerTools_to_a_directory_and_to_a_tar()
    {
        using var directory = new TemporaryDirectory();
        await Testing.Tool.BashAsync(
            Items + "\nmkdir seeds; for item in a b; do cp -drf --preserve=mode -f $item/* seeds/; done; chmod 775 seeds", directory.Path);
        var expected = await Testing.Tool.BashAsync(List, directory["seeds"]);
        Assert.Contains("hard f 644 2", expected, StringComparison.Ordinal);
        await MergeAsync(directory, "a", "b", "-o", "merged/");
        Assert.Equal(expected, await Testing.Tool.BashAsync(List, directory["merged"]));
        await MergeAsync(directory, "a", "b", "-o", "merged.tar");
        await Testing.Tool.BashAsync("mkdir unpacked; tar -C unpacked -xpf merged.tar; chmod 775 unpacked", directory.Path);
        Assert.Equal(expected, await Testing.Tool.BashAsync(List, directory["unpacked"]));
    }

    [Fact]
    public async Task Unlike_in_dockerTools_tarballs_and_names_beginning_with_a_dot_are_merged()
    {
        using var directory = new TemporaryDirectory();
        await Testing.Tool.BashAsync(
            "mkdir -p a b; echo hidden > a/.dot; echo a > a/f; echo b > b/f; echo tarred > b/t; tar -C b -czf b.tgz .; rm -r b", directory.Path);
        var tar = await MergeAsync(directory, "a", "b.tgz", "-o", "-");
        await File.WriteAllBytesAsync(directory["out.tar"], tar.StandardOutputBytes);
        Assert.Equal("hidden\nb\ntarred\n", await Testing.Tool.BashAsync("tar -xOf out.tar ./.dot ./f ./t", directory.Path));
        await MergeAsync(directory, "b.tgz", "a", "-o", "out/");
        Assert.Equal("hidden\na\ntarred\n", await Testing.Tool.BashAsync("cat out/.dot out/f out/t", directory.Path));
    }

    [Fact]
    public async Task Links_in_a_tarball_do_not_lead_out_of_the_directory()
    {
        using var directory = new TemporaryDirectory();
        await Testing.Tool.BashAsync("""
            mkdir outside; mkdir s; cd s; ln -s "$OLDPWD/outside" up 2>/dev/null || ln -s ../outside up; ln -s ../../../.. root
            tar -cf ../links.tar up root; rm up root; mkdir up root; echo evil > up/evil; echo evil > root/evil
            tar -cf ../files.tar up root; echo evil > evil; tar -P --transform 's,^,../../outside/,' -cf ../dots.tar evil; cd ..; rm -r s
            """, directory.Path);
        await MergeAsync(directory, "links.tar", "files.tar", "-o", "merged/");
        await tool.RunAsync(["merge", "dots.tar", "-o", "dots/"], directory: directory.Path);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory["outside"]));
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(directory.Path), path => Path.GetFileName(path) == "evil");
        Assert.NotEqual("", await Testing.Tool.BashAsync("find merged -name evil", directory.Path));
    }

    [Fact]
    public async Task A_device_needs_root_or_a_tar()
    {
        using var directory = new TemporaryDirectory();
        await Testing.Tool.BashAsync(
            "chmod 755 .; mkdir nobody a; chown 65534:65534 nobody; mknod a/null c 1 3; tar -C a -cf a.tar .", directory.Path);
        var refused = await tool.RunAsNobodyAsync(directory["nobody"], "merge", directory["a.tar"], "-o", "out/");
        Assert.Equal(3, refused.ExitCode);
        Assert.Contains("null: is a device, which only root may make", refused.StandardError, StringComparison.Ordinal);
        Assert.Equal(["cache"], Directory.EnumerateFileSystemEntries(directory["nobody"]).Select(Path.GetFileName));
        var tar = await tool.RunAsNobodyAsync(directory["nobody"], "merge", directory["a.tar"], "-o", "out.tar");
        Assert.True(tar.ExitCode == 0, tar.StandardError);
        await MergeAsync(directory, "a", "-o", "out/");
        Assert.Equal("1 3\n", await Testing.Tool.BashAsync("stat -c '%t %T' out/null", directory.Path));
    }

    [Fact]
    public async Task The_tar_does_not_depend_on_the_order_of_names_and_the_times_of_files()
    {
        using var directory = new TemporaryDirectory();
        await Testing.Tool.BashAsync(
            "mkdir a b; for n in 1 2 3; do echo $n > a/$n; done; for n in 3 2 1; do echo $n > b/$n; touch -d 2001-01-01 b/$n; done", directory.Path);
        var (first, second) = (await MergeAsync(directory, "a", "-o", "-"), await MergeAsync(directory, "b", "-o", "-"));
        Assert.Equal(first.StandardOutputBytes, second.StandardOutputBytes);
    }

    [Fact]
    public async Task Only_deps_prints_the_paths()
    {
        using var directory = new TemporaryDirectory();
        await Testing.Tool.BashAsync("mkdir a; touch b.tar", directory.Path);
        Assert.Equal("a b.tar\n", (await MergeAsync(directory, "a", "b.tar", "--only-deps")).StandardOutput);
    }

    [Theory]
    [InlineData("mkdir a; mkdir -p out/full", "out/", 3, "exists and is not an empty directory")]
    [InlineData("mkdir a; mkdir out", "out", 3, "out: is a directory")]
    [InlineData("mkdir a", "a/out.tar", 3, "the output would be inside a")]
    [InlineData("mkdir a", "none/out.tar", 3, "does not exist")]
    [InlineData("true", "out.tar", 3, "a: does not exist")]
    public async Task Errors_are_reported_and_leave_no_output(string make, string output, int exitCode, string sentence)
    {
        using var directory = new TemporaryDirectory();
        await Testing.Tool.BashAsync(make, directory.Path);
        var before = await Testing.Tool.BashAsync("find . | sort", directory.Path);
        var run = await tool.RunAsync(["merge", "a", "-o", output], directory: directory.Path);
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(sentence, run.StandardError, StringComparison.Ordinal);
        Assert.Equal(before, await Testing.Tool.BashAsync("find . | sort", directory.Path));
    }

    private async Task<ToolResult> MergeAsync(TemporaryDirectory directory, params string[] arguments)
    {
        var run = await tool.RunAsync(["merge", .. arguments], directory: directory.Path);
        Assert.True(run.ExitCode == 0, run.StandardError);
        return run;
    }
}
