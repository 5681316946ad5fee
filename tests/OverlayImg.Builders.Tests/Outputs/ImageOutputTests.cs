using OverlayImg.Images.Archives.Writing;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Outputs;

namespace OverlayImg.Builders.Tests.Outputs;

/// <summary>Destinations of images as users write them. An invalid destination is refused before anything is fetched.</summary>
public sealed class ImageOutputTests
{
    [Fact]
    public void The_file_extension_gives_the_compression_and_the_text_after_the_path_the_name()
    {
        Assert.Equal(
            new ArchiveOutput(new("out.tar.gz", CompressionFormat.Gzip), ArchiveFormat.Hybrid) { Name = new("app", "1") },
            ImageOutput.Parse("docker-archive:out.tar.gz:app:1"));
        Assert.Equal(
            new ArchiveOutput(new("-", CompressionFormat.Zstd), ArchiveFormat.Oci) { RefName = "app" },
            ImageOutput.Parse("oci-archive:-:app", CompressionFormat.Zstd));
    }

    [Theory]
    [InlineData("oci:directory:bad name", "can't be a name in an OCI layout")]
    [InlineData("oci-archive:out.tar:../name", "can't be a name in an OCI layout")]
    [InlineData("docker-archive:out.tar:Bad:1", "can't be the name of an image")]
    [InlineData("dir:out", "can't be written to dir: directly")]
    [InlineData("docker://app:1@sha256:0000000000000000000000000000000000000000000000000000000000000000", "names both a tag and a digest")]
    public void An_invalid_destination_is_refused(string text, string message) =>
        Assert.Contains(message, Assert.Throws<InputException>(() => ImageOutput.Parse(text)).Describe(), StringComparison.Ordinal);
}
