namespace OverlayImg.Builders.Tests.BaseImages;

/// <summary>What users write for an image, as skopeo's transports have it.</summary>
public sealed class BaseImageChoiceTests
{
    [Theory]
    [InlineData("base.tar", "base.tar", null, null)]
    [InlineData("with:colon.tar", "with:colon.tar", null, null)]
    [InlineData("-", "-", null, null)]
    [InlineData("docker-archive:base.tar", "base.tar", null, null)]
    [InlineData("docker-archive:/a/base.tar:debian:12", "/a/base.tar", "debian:12", null)]
    [InlineData("oci-archive:base.tar", "base.tar", null, null)]
    [InlineData("oci-archive:base.tar:latest", "base.tar", null, "latest")]
    [InlineData("oci:directory", "directory", null, null)]
    [InlineData("docker://debian:12", "docker://debian:12", null, null)]
    public void Is_a_path_with_or_without_a_transport(string image, string path, string? name, string? tag) =>
        Assert.Equal(new(path, name, tag), BaseImageChoice.Parse(image, null, null));

    [Fact]
    public void What_is_asked_for_besides_wins()
    {
        Assert.Equal(new("a", "own", "t"), BaseImageChoice.Parse("docker-archive:a:debian:12", "own", "t"));
        Assert.Equal(new("a", "own", "t"), BaseImageChoice.Parse("oci-archive:a:latest", "own", "t"));
    }

    [Fact]
    public void A_number_is_refused()
    {
        var refusal = Assert.Throws<InputException>(() => BaseImageChoice.Parse("docker-archive:a:@1", null, null));
        Assert.Contains("--from-name", refusal.Describe(), StringComparison.Ordinal);
    }
}
