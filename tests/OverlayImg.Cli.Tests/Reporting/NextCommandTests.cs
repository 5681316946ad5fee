using OverlayImg.Cli.Reporting;
using OverlayImg.Images.Outputs;

namespace OverlayImg.Cli.Tests.Reporting;

public sealed class NextCommandTests
{
    [Theory]
    [InlineData("a.tar", "docker load -i a.tar")]
    [InlineData("my app's.tar", @"docker load -i 'my app'\''s.tar'")]
    [InlineData("oci-archive:a.tar", "podman load -i a.tar")]
    [InlineData("oci:dir", "podman pull oci:dir:1.0")]
    [InlineData("oci:dir:other", "podman pull oci:dir:other")]
    [InlineData("docker://registry.example.org/app:1.0", "docker pull registry.example.org/app:1.0")]
    [InlineData("-", null)]
    public void An_image_has_the_command_that_loads_it(string output, string? command) =>
        Assert.Equal(command, NextCommand.ForImage(ImageOutput.Parse(output), "1.0")?.Text);
}
