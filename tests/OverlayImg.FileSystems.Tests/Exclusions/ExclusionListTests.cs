using OverlayImg.FileSystems.Exclusions;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Testing;

namespace OverlayImg.FileSystems.Tests.Exclusions;

/// <summary>
/// Patterns of <c>.dockerignore</c> files, applied to a directory and to a tree. The tests of the installed tool compare with buildah and docker.
/// </summary>
public sealed class ExclusionListTests
{
    private const string Files = "a.txt a/b.txt a/b/c.txt a/b/d.md z/a.txt z/README.md .git/config .git/hooks/x src/main.c src/main.o";

    [Theory]
    [InlineData("", Files)]
    [InlineData("# a comment\n\n  \n/", Files)]
    [InlineData("a", "a.txt z/a.txt z/README.md .git/config .git/hooks/x src/main.c src/main.o")]
    [InlineData("/a/", "a.txt z/a.txt z/README.md .git/config .git/hooks/x src/main.c src/main.o")]
    [InlineData("*.txt", "a/b.txt a/b/c.txt a/b/d.md z/a.txt z/README.md .git/config .git/hooks/x src/main.c src/main.o")]
    [InlineData("**/*.txt\r", "a/b/d.md z/README.md .git/config .git/hooks/x src/main.c src/main.o")]
    [InlineData("**", "")]
    [InlineData("*\n!src", "src/main.c src/main.o")]
    [InlineData("*\n!src/*.c", "src/main.c")]
    [InlineData("*\n!**/*.c", "")]
    [InlineData("!src\n*\n!*/main.c", "src/main.c")]
    [InlineData("a\n!a/b/*.md", "a.txt a/b/d.md z/a.txt z/README.md .git/config .git/hooks/x src/main.c src/main.o")]
    [InlineData("!a.txt\na.txt", "a/b.txt a/b/c.txt a/b/d.md z/a.txt z/README.md .git/config .git/hooks/x src/main.c src/main.o")]
    [InlineData("a.txt\n ! a.txt ", Files)]
    [InlineData(".git\nsrc/main.?", "a.txt a/b.txt a/b/c.txt a/b/d.md z/a.txt z/README.md")]
    [InlineData("src/main.[co]\nz/[^R]*", "a.txt a/b.txt a/b/c.txt a/b/d.md z/README.md .git/config .git/hooks/x")]
    [InlineData("src/[a-m]ain.c\n./z/../z//README.md", "a.txt a/b.txt a/b/c.txt a/b/d.md z/a.txt .git/config .git/hooks/x src/main.o")]
    [InlineData("a/**/d.md\n.git/**", "a.txt a/b.txt a/b/c.txt z/a.txt z/README.md src/main.c src/main.o")]
    [InlineData("../a.txt", Files)]
    [InlineData("**/**/x\n**/b/**/c.txt\n?*/m???.o", "a.txt a/b.txt a/b/d.md z/a.txt z/README.md .git/config src/main.c")]
    [InlineData("\\a.txt\na\\.txt", "a/b.txt a/b/c.txt a/b/d.md z/a.txt z/README.md .git/config .git/hooks/x src/main.c src/main.o")]
    public async Task The_patterns_leave_the_files(string patterns, string left)
    {
        using var directory = new TemporaryDirectory();
        await Tool.BashAsync($"for file in {Files}; do mkdir -p $(dirname $file); [ -d $file ] || echo x > $file; done", directory.Path);
        var list = ExclusionList.Parse(patterns, "file");
        var expected = left.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal);
        var options = new HostTreeOptions { Exclusions = list };
        Assert.Equal(expected, FilesOf(HostTree.Read(directory.Path, options, TestContext.Current.CancellationToken)));
        var whole = HostTree.Read(directory.Path, new(), TestContext.Current.CancellationToken).Finish();
        Assert.Equal(expected, FilesOf(list.ApplyTo(whole, TestContext.Current.CancellationToken)));
        Assert.Equal(Files.Split(' ').Length, FilesOf(whole).Count());
    }

    [Fact]
    public async Task A_directory_that_is_searched_for_included_files_and_has_none_is_left_out()
    {
        using var directory = new TemporaryDirectory();
        await Tool.BashAsync("mkdir -p out/deep/er in; touch out/deep/er/file in/file", directory.Path);
        var options = new HostTreeOptions { Exclusions = ExclusionList.Parse("out\n!out/deep/missing", "file") };
        var tree = HostTree.Read(directory.Path, options, TestContext.Current.CancellationToken);
        Assert.Null(tree.Find("out"u8));
        Assert.NotNull(tree.Find("in/file"u8));
    }

    [Theory]
    [InlineData("!", "line 1: is not a pattern: it has no path after '!'")]
    [InlineData("a\nb[", "line 2: is not a pattern: it has '[' without ']'")]
    [InlineData("[]", "it has ']' in a class, where a character must stand")]
    [InlineData("[b-a]", "it has the empty range 'b-a'")]
    [InlineData("a\\", "it ends with a backslash")]
    public void A_line_that_is_no_pattern_is_named(string text, string said)
    {
        var error = Assert.Throws<InputException>(() => ExclusionList.Parse(text, "ignore"));
        Assert.Contains(said, error.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void Too_many_patterns_and_too_long_patterns_are_refused()
    {
        Assert.Throws<InputException>(() => ExclusionList.Parse(new string('x', 4097), "ignore"));
        Assert.NotNull(ExclusionList.Parse(new string('x', 4096), "ignore"));
        Assert.Throws<InputException>(() => ExclusionList.Parse(string.Concat(Enumerable.Repeat("x\n", 10_001)), "ignore"));
        Assert.NotNull(ExclusionList.Parse(string.Concat(Enumerable.Repeat("x\n", 10_000)), "ignore"));
    }

    private static IEnumerable<string> FilesOf(FileTree tree) =>
        tree.Walk().Where(entry => entry.Node is RegularFileNode).Select(entry => entry.Path.ToString()).Order(StringComparer.Ordinal);
}
