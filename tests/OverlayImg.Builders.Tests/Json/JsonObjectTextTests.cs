using OverlayImg.Images.Json;

namespace OverlayImg.Builders.Tests.Json;

public sealed class JsonObjectTextTests
{
    [Theory]
    [InlineData("7B226E616D65223A2261FF227D")]
    [InlineData("7B22FF223A317D")]
    [InlineData("7B2261223A225C7564383030227D")]
    public void Text_that_is_not_Unicode_is_refused(string hex) =>
        Assert.Throws<InputException>(() => JsonObjectText.Parse(Convert.FromHexString(hex), new("file")));

    [Fact]
    public void A_byte_order_mark_is_ignored() =>
        Assert.Equal("1", JsonObjectText.Parse(Convert.FromHexString("EFBBBF7B2261223A317D"), new("file"))["a"]!.ToJsonString());
}
