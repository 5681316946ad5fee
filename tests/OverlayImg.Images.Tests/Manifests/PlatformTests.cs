using System.Runtime.InteropServices;
using OverlayImg.Images.Manifests;

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
    public void Common_spellings_are_parsed(string text, string expected) => Assert.Equal(expected, Platform.Parse(text)?.ToString());

    [Theory]
    [InlineData("")]
    [InlineData("linux")]
    [InlineData("linux/")]
    [InlineData("/amd64")]
    [InlineData("linux/arm/v7/x")]
    [InlineData("linux/am d64")]
    [InlineData("linux/\u001b[31m")]
    public void Invalid_platforms_are_not_parsed(string text) => Assert.Null(Platform.Parse(text));

    [Theory]
    [InlineData("linux/amd64", "v1")]
    [InlineData("linux/amd64/v3", "v3 v2 v1")]
    [InlineData("linux/arm", "v7 v6 v5")]
    [InlineData("linux/arm/v8", "v8 v7 v6 v5")]
    [InlineData("linux/arm/v5", "v5")]
    [InlineData("linux/arm64", "v8")]
    [InlineData("linux/arm64/v8.2", "v8.2 v8.1 v8")]
    [InlineData("linux/arm64/v9", "v9 v8.5 v8.4 v8.3 v8.2 v8.1 v8")]
    [InlineData("linux/arm64/9.1", "v9.1 v9 v8.6 v8.5 v8.4 v8.3 v8.2 v8.1 v8")]
    [InlineData("linux/arm64/v9.7", "v9.7 v9.6 v9.5 v9.4 v9.3 v9.2 v9.1 v9 v8.9 v8.8 v8.7 v8.6 v8.5 v8.4 v8.3 v8.2 v8.1 v8")]
    [InlineData("linux/arm64/v8.0", "v8")]
    [InlineData("linux/riscv64/rva22", "rva22")]
    public void A_platform_runs_older_variants_and_prefers_the_newest(string platform, string variants) =>
        Assert.Equal(variants.Split(' '), Platform.Parse(platform)!.Variants);

    [Fact]
    public void The_hosts_platform_has_Gos_names()
    {
        Assert.Equal("linux", Platform.Host.OperatingSystem);
        if (RuntimeInformation.OSArchitecture == Architecture.X64) Assert.Equal("amd64", Platform.Host.Architecture);
    }
}
