using System.IO.Compression;

namespace OverlayImg.Images.Tests.Compression;

public sealed class GzipDamageTests
{
    [Fact]
    public void A_wrong_check_sum_is_called_one()
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write("text"u8);
        var bytes = compressed.ToArray();
        bytes[^8] ^= 1;
        var error = Assert.Throws<InputException>(
            () => Decompression.Open(new MemoryStream(bytes), CompressionFormat.Gzip, new("file")).CopyTo(Stream.Null));
        Assert.Contains("check sum is wrong", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("unsupported", error.Message, StringComparison.OrdinalIgnoreCase);
    }
}
