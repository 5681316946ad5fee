using System.Text;
using OverlayImg.Cli.Terminals;

namespace OverlayImg.Cli.Tests.Terminals;

public sealed class ScriptTextTests
{
    [Theory]
    [InlineData("\e[1;31mred\e[0m", "red")]
    [InlineData("\e]0;window\atext", "text")]
    [InlineData("\e]8;;http://x\e\\link", "link")]
    [InlineData("\e(Btext", "text")]
    [InlineData("10%\r20%", "20%")]
    [InlineData("a\tb", "a       b")]
    [InlineData("bell\a", @"bell\007")]
    [InlineData("\u202Egnp.exe", @"\342\200\256gnp.exe")]
    public void Control_characters_do_not_reach_the_terminal(string output, string shown)
    {
        var text = new ScriptText();
        Assert.Equal([shown], text.Add(Encoding.UTF8.GetBytes(output + "\n")));
        Assert.Equal(shown, text.LastLine);
    }

    [Fact]
    public void Characters_and_sequences_may_be_divided()
    {
        var text = new ScriptText();
        foreach (var single in Encoding.UTF8.GetBytes("\e[31mü\e[0m")) text.Add([single]);
        Assert.Equal("ü", text.EndLine());
    }

    [Fact]
    public void A_line_without_end_takes_bounded_memory()
    {
        var text = new ScriptText();
        Assert.Equal(2, text.Add(new byte[10000].AsSpan().ToArray().Select(_ => (byte)'x').ToArray()).Count);
    }

    [Theory]
    [InlineData("日本語", 6, "日本語")]
    [InlineData("日本語", 5, "日本…")]
    [InlineData("日本語", 4, "日…")]
    [InlineData("abc", 0, "")]
    public void Text_is_cut_by_its_width(string text, int columns, string cut) => Assert.Equal(cut, DisplayWidth.Cut(text, columns, "…"));

    [Fact]
    public void Lines_are_wrapped_at_spaces_and_long_words_stay_whole() =>
        Assert.Equal(["image ID", "sha256:0123456789", "and more"], DisplayWidth.Wrap("image ID sha256:0123456789 and more", 10));
}
