using OverlayImg.FileSystems;
using OverlayImg.Layers.Contents;
using OverlayImg.Layers.Pure;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.Contents;

/// <summary>The place and the owner of copies. A test of the installed tool compares copies with those of buildah.</summary>
public sealed class CopyTests : IDisposable
{
    private const string Base =
        """
        mkdir -p etc usr/lib opt home/web/old srv; ln -s usr/lib lib; ln -s /usr/lib abs; ln -s loop loop; ln -s new opt/dangling
        echo file > opt/file; ln -s file opt/link; chown -R 1000:1005 home/web; chmod 700 home/web
        printf 'root:x:0:0::/:/bin/sh\nbroken\nweb:x:1000:1005::/:/bin/sh\nbad:x:no:0::/:\n' > etc/passwd; printf 'root:x:0:\nstaff:x:50:\n' > etc/group
        """;

    private const string Sources =
        """
        mkdir -p d/sub d/old; echo 1 > f; chmod 4751 f; echo 2 > d/sub/x; ln -s sub/x d/l; chmod 700 d; chmod 2750 d/sub; ln -s f lf; ln -s d ld
        echo 3 > a:b; mkfifo pipe; mkdir c; echo 4 > c/f; mkdir -p p/etc; echo 'late:x:7:8::/:' > p/etc/passwd; tar -cf t.tar f
        """;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("f:/new/deep/", "new 755 0:0", "new/deep 755 0:0", "new/deep/f 4751 0:0")]
    [InlineData("f:/new/name", "new 755 0:0", "new/name 4751 0:0")]
    [InlineData("f:/new/name:web", "new 755 0:0", "new/name 4751 1000:1005")]
    [InlineData("f:/srv", "srv 755 0:0", "srv/f 4751 0:0")]
    [InlineData("f:/lib/", "usr 755 0:0", "usr/lib 755 0:0", "usr/lib/f 4751 0:0")]
    [InlineData("f:/abs/x", "usr 755 0:0", "usr/lib 755 0:0", "usr/lib/x 4751 0:0")]
    [InlineData("f:/lib/../../x", "x 4751 0:0")]
    [InlineData("f:/opt/file", "opt 755 0:0", "opt/file 4751 0:0")]
    [InlineData("f:/opt/link", "opt 755 0:0", "opt/file 4751 0:0")]
    [InlineData("f:/opt/dangling", "opt 755 0:0", "opt/new 4751 0:0")]
    [InlineData("f:rel/x", "work 755 0:0", "work/rel 755 0:0", "work/rel/x 4751 0:0")]
    [InlineData("f:.", "work 755 0:0", "work/f 4751 0:0")]
    [InlineData("lf:/srv/", "srv 755 0:0", "srv/lf 4751 0:0")]
    [InlineData(@"a\:b:/srv/", "srv 755 0:0", "srv/a:b 644 0:0")]
    [InlineData("t.tar:/srv/", "srv 755 0:0", "srv/t.tar 644 0:0")]
    [InlineData("d:/n:1000", "n 755 1000:1000", "n/l 777 1000:1000", "n/old 755 1000:1000", "n/sub 2750 1000:1000", "n/sub/x 644 1000:1000")]
    [InlineData("ld:/n", "n 755 0:0", "n/l 777 0:0", "n/old 755 0:0", "n/sub 2750 0:0", "n/sub/x 644 0:0")]
    [InlineData("d/sub:/home/web:web:staff", "home 755 0:0", "home/web 700 1000:1005", "home/web/x 644 1000:50")]
    [InlineData("f:/x:web:7", "x 4751 1000:7")]
    [InlineData("f:/x:44", "x 4751 44:44")]
    [InlineData("f:/x::staff", "x 4751 0:50")]
    [InlineData("f:/x:4294967294:0", "x 4751 4294967294:0")]
    public async Task A_copy_has_the_place_modes_and_owner_of_a_Dockerfiles_copy(string copy, params string[] lines) =>
        Assert.Equal(lines, await CopyAsync(new(), Copy(copy)));

    [Theory]
    [InlineData("f:/opt/file/", "/opt/file is a file, and a directory is needed there")]
    [InlineData("f:/opt/file/x", "/opt/file is a file")]
    [InlineData("f:/opt/file/.", "/opt/file is a file")]
    [InlineData("d:/opt/file", "/opt/file is a file")]
    [InlineData("d:/opt/link", "/opt/file is a file")]
    [InlineData("f:/loop/x", "circular")]
    [InlineData("f:/.wh.x", "begins with '.wh.'")]
    [InlineData("f:/x:nobody", "base.tar with the contents before the copy, path etc/passwd: has no user 'nobody'")]
    [InlineData("f:/x:web:nobody", "path etc/group: has no group 'nobody'")]
    [InlineData("f:/x:bad", "has no valid number for 'bad'")]
    [InlineData("f:/x:4294967295", "'4294967295' is not the number of a user")]
    [InlineData("*.c:/x", "A shell expands patterns only in words of their own")]
    [InlineData("none:/x", "none: does not exist")]
    [InlineData("f/:/x", "does not exist")]
    [InlineData("/dev/null:/x", "is a device")]
    public async Task A_copy_that_can_not_be_made_is_refused(string copy, string said)
    {
        var refusal = await Assert.ThrowsAsync<InputException>(() => CopyAsync(new(), Copy(copy)));
        Assert.Contains(said, $"{refusal.Describe()} {refusal.Advice}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_does_not_replace_a_directory_of_its_name()
    {
        var refusal = await Assert.ThrowsAsync<InputException>(() => CopyAsync(new(), Copy("d:/srv/f"), Copy("f:/srv/")));
        Assert.Contains("/srv/f is a directory, which the file would replace", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Later_contents_and_copies_win_also_behind_links()
    {
        Assert.Equal(
            ["f 644 0:0", "usr 755 0:0", "usr/lib 755 0:0", "usr/lib/f 4751 0:0"],
            await CopyAsync(new(), Copy("f:/f"), new("c"), Copy("c/f:/lib/f"), Copy("f:/usr/lib/f")));
        Assert.Equal(["f 4751 0:0"], await CopyAsync(new(), new("c"), Copy("f:/f")));
        await Tool.BashAsync("mkdir -p m/lib; cp c/f m/lib/f", _directory.Path);
        Assert.Equal(
            ["usr 755 0:0", "usr/lib 755 0:0", "usr/lib/f 644 0:0"], await CopyAsync(new(), Copy("f:/lib/f"), new("m")));
    }

    [Fact]
    public async Task Names_are_those_of_the_contents_before_the_copy()
    {
        Assert.Contains("x 4751 7:8", await CopyAsync(new(), new("p"), Copy("f:/x:late")));
        var refusal = await Assert.ThrowsAsync<InputException>(() => CopyAsync(new(), Copy("f:/x:late"), new("p")));
        Assert.Contains("has no user 'late'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("x 4751 7:8", await CopyAsync(new(), Copy("p/etc/passwd:/etc/"), Copy("f:/x:late")));
    }

    [Fact]
    public async Task Without_a_base_image_the_contents_alone_have_users_and_parents()
    {
        Assert.Equal(["a 755 0:0", "a/b 4751 0:0"], await OverAsync(null, new(), Copy("f:a/b")));
        var refusal = await Assert.ThrowsAsync<InputException>(() => OverAsync(null, new(), Copy("f:/x:web")));
        Assert.Contains(
            "the contents before the copy (there is no base image), path etc/passwd: is missing, so the user 'web' is unknown",
            refusal.Describe(), StringComparison.Ordinal);
        Assert.Contains("x 4751 7:8", await OverAsync(null, new(), new("p"), Copy("f:/x:late")));
    }

    [Fact]
    public async Task The_default_owner_is_for_copies_without_owner_and_not_for_directories_that_exist()
    {
        var options = new PureLayerOptions { Uid = 3, Gid = 4 };
        Assert.Equal(
            [
                "home 755 0:0", "home/web 700 1000:1005", "home/web/l 777 3:4", "home/web/old 755 1000:1005", "home/web/sub 2750 3:4",
                "home/web/sub/x 644 3:4", "n 755 0:0", "n/y 4751 3:4", "x 4751 1000:1005",
            ],
            await CopyAsync(options, Copy("d:/home/web"), Copy("f:/n/y"), Copy("f:/x:web")));
    }

    [Fact]
    public async Task In_dockerTools_dialect_links_to_directories_become_directories()
    {
        await Tool.BashAsync("mkdir -p k/real; echo 1 > k/real/f; ln -s real k/link", _directory.Path);
        var options = new PureLayerOptions { Dialect = Dialect.DockerTools };
        Assert.Equal(
            ["n 755 5:5", "n/link 755 5:5", "n/link/f 644 5:5", "n/real 755 5:5", "n/real/f 644 5:5"], await CopyAsync(options, Copy("k:/n:5")));
        Assert.Contains("n/link 777 5:5", await CopyAsync(new(), Copy("k:/n:5")));
    }

    [Fact]
    public async Task Exclusions_and_the_ignore_file_count_inside_of_a_copied_directory()
    {
        await Tool.BashAsync("mkdir -p i/s; touch i/keep i/drop i/s/drop i/s/x; echo '**/drop' > i/.dockerignore", _directory.Path);
        Assert.Equal(
            ["n 755 0:0", "n/.dockerignore 644 0:0", "n/keep 644 0:0", "n/s 755 0:0", "n/s/x 644 0:0", "n/y 644 0:0"],
            await CopyAsync(new(), Copy("i:/n"), Copy("i/drop:/n/y")));
    }

    [Fact]
    public async Task A_pipe_is_read_once_and_its_content_is_a_file()
    {
        var writing = Tool.BashAsync("while [ ! -p pipe ]; do sleep 0.05; done; echo text > pipe", _directory.Path);
        Assert.Equal(["x 644 0:0"], await CopyAsync(new(), Copy("pipe:/x")));
        await writing;
    }

    [Fact]
    public async Task Owners_survive_commands_that_run_in_the_layer()
    {
        await Tool.BashAsync("mkdir e; touch e/f; ln -s f e/l; mkfifo e/p", _directory.Path);
        var options = new PureLayerOptions { ExtraCommands = new("commands", "touch made"u8.ToArray()) };
        Assert.Equal(
            ["made 644 0:0", "n 755 1000:1005", "n/f 644 1000:1005", "n/l 777 1000:1005", "n/p 644 1000:1005"],
            await CopyAsync(options, Copy("e:/n:web")));
    }

    [Fact]
    public async Task A_user_database_larger_than_the_limit_is_refused()
    {
        await Tool.BashAsync("mkdir -p big/etc; truncate -s 5M big/etc/passwd", _directory.Path);
        var refusal = await Assert.ThrowsAsync<InputException>(() => CopyAsync(new(), new("big"), Copy("f:/x:web")));
        Assert.Contains("is larger than 4 MiB", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a:b", "a", "b", null, null)]
    [InlineData("a:b:c:d", "a", "b", "c", "d")]
    [InlineData("a:b::d", "a", "b", null, "d")]
    [InlineData("a:b:c:", "a", "b", "c", null)]
    [InlineData(@"a\:x\\:b\y:c", @"a:x\", @"b\y", "c", null)]
    public void The_form_of_copies_is_parsed(string text, string source, string destination, string? owner, string? group) =>
        Assert.Equal(new(source) { Copy = new(destination, owner, group) }, CopyTarget.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("a:")]
    [InlineData(":b")]
    [InlineData("-:b")]
    [InlineData(@"a\:b")]
    [InlineData("a:b:c:d:e")]
    public void Other_texts_are_no_copies(string text) => Assert.Null(CopyTarget.Parse(text));

    private static ContentsSource Copy(string text) => CopyTarget.Parse(text)!;

    private async Task<IEnumerable<string>> CopyAsync(PureLayerOptions options, params ContentsSource[] sources) =>
        await OverAsync(await Trees.MakeAsync(_directory[$"base-{Guid.NewGuid():N}"], $"chmod 755 .; {Base}"), options, sources);

    private async Task<IEnumerable<string>> OverAsync(FileTree? mergedBase, PureLayerOptions options, params ContentsSource[] sources)
    {
        if (!File.Exists(_directory["f"])) await Tool.BashAsync(Sources, _directory.Path);
        using var lifetime = new Images.Sessions.Lifetime();
        var below = mergedBase is null ? new ContentsBase(null) : new(mergedBase, "base.tar", "/work");
        var paths = sources.Select(source => source with { Path = Path.Combine(_directory.Path, source.Path) }).ToArray();
        var layer = await PureLayer.PrepareAsync(
            options with { Contents = new(paths, null, "/no/store") }, below, TestSession.Of(lifetime, _directory["cache"]));
        return [.. layer.Tree.Walk().Skip(1).Select(entry =>
            $"{entry.Path} {Convert.ToString(entry.Node.Permissions, 8)} {entry.Node.Uid}:{entry.Node.Gid}")];
    }
}
