namespace OverlayImg.Tool.Tests.Docs;

/// <summary>The comparison of documents with outputs finds what is wrong, and nothing else.</summary>
public sealed class ShownOutputTests
{
    private static readonly string Digest = $"sha256:{new string('a', 64)}";

    [Theory]
    [InlineData("a\nb", "a\nb\n", true)]
    [InlineData("a\nb", "a\nb", true)]
    [InlineData("a", "a\nb\n", false)]
    [InlineData("a\nb", "a\n", false)]
    [InlineData("a", "A\n", false)]
    [InlineData("", "", true)]
    [InlineData("...", "", true)]
    [InlineData("...", "a\nb\n", true)]
    [InlineData("a\n...\nc", "a\nb\nb\nc\n", true)]
    [InlineData("a\n...\nc", "a\nb\nd\n", false)]
    [InlineData("...\nc", "a\nb\nd\n", false)]
    [InlineData("a\n...", "b\nb\n", false)]
    [InlineData("a. b", "axxb\n", false)]
    [InlineData("a ...", "a b c\n", true)]
    [InlineData("a ...", "ab\n", true)]
    [InlineData("a ...", "a\nb\n", false)]
    [InlineData("a ...", "b a\n", false)]
    public void Lines_are_compared_one_by_one(string shown, string output, bool equal) =>
        Assert.Equal(equal, ShownOutput.Matches(Lines(shown), output));

    [Theory]
    [InlineData("layer 10 KiB", "layer  163.5 MiB\n", true)]
    [InlineData("layer 10 KiB, 7 entries", "layer 10 KiB, 8 entries\n", false)]
    [InlineData("script 0.120 s", "script 1.034 s\n", true)]
    [InlineData("script 0.120 s", "mount 0.120 s\n", false)]
    [InlineData("\"size\": 12345,", "\"size\": 99999,\n", true)]
    [InlineData("\"layers\": 2,", "\"layers\": 3,\n", false)]
    [InlineData("2026-01-31 12:00", "2027-02-01 00:30\n", true)]
    [InlineData("1970-01-01T00:00:01Z", "2027-02-01T00:00:01Z\n", false)]
    [InlineData("a", "notice: KVM is not used\na\n", true)]
    public void Sizes_times_and_notices_are_the_machines_own(string shown, string output, bool equal) =>
        Assert.Equal(equal, ShownOutput.Matches(Lines(shown), output));

    [Fact]
    public void A_digest_may_be_cut_short_and_must_be_there()
    {
        Assert.True(ShownOutput.Matches(["image ID sha256:5b97c0ff…"], $"image ID {Digest}\n"));
        Assert.True(ShownOutput.Matches(["image ID sha256:DIGEST"], $"image ID {Digest}\n"));
        Assert.True(ShownOutput.Matches([$"image ID {Digest}"], $"image ID sha256:{new string('b', 64)}\n"));
        Assert.False(ShownOutput.Matches(["image ID sha256:5b97c0ff…"], "image ID app:1.0\n"));
        Assert.False(ShownOutput.Matches(["image ID sha256:5b97c0ff…"], $"image ID {Digest}, 2 layers\n"));
    }

    [Fact]
    public void Commands_are_read_with_their_continuations_and_outputs()
    {
        var document = MarkdownDocument.Parse("a.md",
        [
            "text", "```console", "$ cat <<X", "> one", "> X", "one", "$ true", "```",
            "- item", "  ```console", "  $ false", "  ```",
            "```text", "$ not this", "```",
        ]);
        Assert.Equal([(3, "cat <<X\none\nX", "one"), (7, "true", ""), (11, "false", "")],
            document.Commands().Select(command => (command.Line, command.Text, string.Join('\n', command.Output))));
        Assert.Throws<FormatException>(() => MarkdownDocument.Parse("a.md", ["```console", "$ true"]));
        Assert.Throws<FormatException>(() => MarkdownDocument.Parse("a.md", ["```console", "true", "```"]).Commands().ToArray());
    }

    private static string[] Lines(string text) => text.Length == 0 ? [] : text.Split('\n');
}
