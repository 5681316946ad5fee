using System.Runtime.InteropServices;

namespace OverlayImg.Images.Tests;

public sealed class PlatformTests
{
    [Theory]
    [InlineData("linux/amd64", "linux/amd64")]
    [InlineData("amd64", "linux/amd64")]
    [InlineData("x86_64", "linux/amd64")]
    [InlineData("Linux/AARCH64", "linux/arm64")]
    [InlineData("linux/arm/V6", "linux/arm/v6")]
    [InlineData("armhf", "linux/arm/v7")]
    [InlineData("linux/armel", "linux/arm/v6")]
    [InlineData("windows/amd64", "windows/amd64")]
    [InlineData("i686", "linux/386")]
    public void Is_read_in_the_words_that_people_use(string text, string expected) => Assert.Equal(expected, Platform.Parse(text)?.ToString());

    [Theory]
    [InlineData("")]
    [InlineData("linux")]
    [InlineData("linux/")]
    [InlineData("/amd64")]
    [InlineData("linux/arm/v7/x")]
    [InlineData("linux/am d64")]
    [InlineData("linux/\u001b[31m")]
    public void Anything_else_is_none(string text) => Assert.Null(Platform.Parse(text));

    [Fact]
    public void The_hosts_is_linux_in_gos_words()
    {
        Assert.Equal("linux", Platform.Host.OperatingSystem);
        if (RuntimeInformation.OSArchitecture == Architecture.X64) Assert.Equal("amd64", Platform.Host.Architecture);
    }
}
