using OverlayImg.Images.Compression;
using OverlayImg.Images.Outputs;

namespace OverlayImg.Builders.Tests.Outputs;

public sealed class TarDestinationTests
{
    [Theory]
    [InlineData("a.tar", CompressionFormat.None)]
    [InlineData("dir.d/a", CompressionFormat.Zstd)]
    [InlineData("-", CompressionFormat.Zstd)]
    [InlineData("a.tar.gz", CompressionFormat.Gzip)]
    [InlineData("A.TAR.GZ", CompressionFormat.Gzip)]
    [InlineData("a.tgz", CompressionFormat.Gzip)]
    [InlineData("a.gz", CompressionFormat.Gzip)]
    [InlineData("a-1.0.tar.zst", CompressionFormat.Zstd)]
    [InlineData("a.tzst", CompressionFormat.Zstd)]
    [InlineData("/dev/null", CompressionFormat.Zstd)]
    public void A_file_extension_gives_the_compression(string path, CompressionFormat compression) =>
        Assert.Equal(new TarDestination(path, compression), TarDestination.Parse(path, CompressionFormat.Zstd));

    [Theory]
    [InlineData("x.qcow2")]
    [InlineData("x.squashfs")]
    [InlineData("x.zip")]
    [InlineData("x.tar.xz")]
    [InlineData("x.tar.bz2")]
    [InlineData("x.ext4.gz")]
    [InlineData("docker-archive:x.img")]
    [InlineData("oci-archive:x.zip:1")]
    public void An_unsupported_file_extension_is_refused_with_a_list(string path)
    {
        var error = Assert.Throws<InputException>(() => ImageOutput.Parse(path));
        Assert.Contains(".tar, .tar.gz (.tgz) or .tar.zst (.tzst)", error.Advice!.Text, StringComparison.Ordinal);
    }
}
