namespace OverlayImg.FileSystems.Tests.Files;

/// <summary>The form of messages for users.</summary>
public sealed class MessageTests
{
    [Theory]
    [InlineData("plain, with a \\ and 'quotes'", "plain, with a \\ and 'quotes'")]
    [InlineData("two\n\tlines", "two\n\tlines")]
    [InlineData("Grüße 世界", "Grüße 世界")]
    [InlineData("\e]0;title\a", "\\033]0;title\\007")]
    [InlineData("over\rwritten", "over\\rwritten")]
    [InlineData("\u009b31m", "\\302\\23331m")]
    [InlineData("\u202egnp.exe", "\\342\\200\\256gnp.exe")]
    [InlineData("\u2066isolate", "\\342\\201\\246isolate")]
    [InlineData("\u2028", "\\342\\200\\250")]
    [InlineData("\0\b\u007f", "\\000\\010\\177")]
    public void A_message_keeps_line_breaks_and_tabs_and_escapes_other_control_characters(string text, string shown) =>
        Assert.Equal(shown, DisplayName.OfMessage(text));

    [Theory]
    [InlineData("The disk is full", "The disk is full. Do it.")]
    [InlineData("It says: access denied.", "It says: access denied. Do it.")]
    [InlineData("Really?", "Really? Do it.")]
    public void A_sentence_gets_one_full_stop(string what, string shown) =>
        Assert.Equal(shown, new MachineException(what) { Advice = "Do it." }.Describe());

    [Theory]
    [InlineData(0, "0 entries")]
    [InlineData(1, "1 entry")]
    [InlineData(2, "2 entries")]
    public void Counts_agree_with_their_noun(int count, string shown) => Assert.Equal(shown, Counted.Of(count, "entry", "entries"));
}
