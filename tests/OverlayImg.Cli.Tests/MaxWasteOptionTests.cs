using OverlayImg.Builders.Inspections;
using OverlayImg.Cli.Options;

namespace OverlayImg.Cli.Tests;

public sealed class MaxWasteOptionTests
{
    [Theory]
    [InlineData("5%", "5", 0, "5%")]
    [InlineData("0%", "0", 0, "0%")]
    [InlineData("0.25%", "0.25", 0, "0.25%")]
    [InlineData("100%", "100", 0, "100%")]
    [InlineData("0", null, 0, "0 B")]
    [InlineData("3", null, 3 << 20, "3 MiB")]
    [InlineData("10M", null, 10 << 20, "10 MiB")]
    [InlineData("10KiB", null, 10 << 10, "10 KiB")]
    public void Shares_and_sizes(string text, string? percent, long bytes, string told) => Assert.Equal(
        new WasteLimit(told, percent is null ? null : decimal.Parse(percent, System.Globalization.CultureInfo.InvariantCulture), bytes),
        MaxWasteOption.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("%")]
    [InlineData(" 5%")]
    [InlineData("5 %")]
    [InlineData("5%%")]
    [InlineData("+5%")]
    [InlineData("-5%")]
    [InlineData("1,5%")]
    [InlineData("1e1%")]
    [InlineData("100.01%")]
    [InlineData("99999999999999999999999999999999999%")]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("1.5M")]
    public void Anything_else_is_refused(string text) => Assert.Null(MaxWasteOption.Parse(text));
}
