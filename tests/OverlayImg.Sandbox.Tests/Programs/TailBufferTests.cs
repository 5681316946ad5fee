using System.Text;
using FsCheck;
using FsCheck.Fluent;
using OverlayImg.Sandbox.Programs;

namespace OverlayImg.Sandbox.Tests.Programs;

public sealed class TailBufferTests
{
    [Fact]
    public void The_last_lines_come_oldest_first_without_newlines() =>
        Assert.Equal(["two", "", "four"], Of(64, "one\ntwo\r\n\nfour\n").LastLines(3));

    [Fact]
    public void A_line_whose_beginning_is_lost_is_left_out() => Assert.Equal(["cd", "ef"], Of(8, "xxxxxxxxab\ncd\nef\n").LastLines(10));

    [Fact]
    public void A_single_line_longer_than_the_buffer_loses_its_beginning() => Assert.Equal(["3456789a"], Of(8, "0123456789a").LastLines(10));

    [Fact]
    public void Control_characters_are_escaped() => Assert.Equal([@"\033[31mred\007"], Of(64, "\e[31mred\a\n").LastLines(1));

    [Fact]
    public void The_last_bytes_stay_however_the_bytes_are_divided()
    {
        Prop.ForAll<string[]>(pieces =>
        {
            string[] letters = [.. pieces.Select(Letters)];
            var text = string.Concat(letters);
            var buffer = new TailBuffer(16);
            foreach (var piece in letters) buffer.Append(Encoding.ASCII.GetBytes(piece));
            return string.Concat(buffer.LastLines(1)) == text[Math.Max(0, text.Length - 16)..] && buffer.Length == text.Length;
        }).QuickCheckThrowOnFailure();
    }

    private static string Letters(string? text) => new([.. (text ?? "").Select(character => (char)('a' + (character % 26)))]);

    private static TailBuffer Of(int capacity, string text)
    {
        var buffer = new TailBuffer(capacity);
        buffer.Append(Encoding.UTF8.GetBytes(text));
        return buffer;
    }
}
