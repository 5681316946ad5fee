using System.IO.Compression;
using OverlayImg.Images.Compression;
using OverlayImg.Testing;

namespace OverlayImg.Images.Tests.Compression;

public sealed class GzipDamageTests
{
    [Fact]
    public void A_wrong_checksum_is_reported_as_such()
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write("text"u8);
        var bytes = compressed.ToArray();
        bytes[^8] ^= 1;
        var error = Assert.Throws<InputException>(
            () => Decompression.Open(new MemoryStream(bytes), CompressionFormat.Gzip, new("file")).CopyTo(Stream.Null));
        Assert.Contains("checksum is wrong", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("unsupported", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Data after a member: where gzip warns and ignores the data, the tool refuses it.</summary>
    [Theory]
    [InlineData("true", true)]
    [InlineData("head -c 20 /dev/zero", true)]
    [InlineData("head -c 300000 /dev/zero", true)]
    [InlineData("cat member", true)]
    [InlineData("printf '\\036\\213'; tail -c +3 member; cat member", false)]
    [InlineData("head -c 20 /dev/zero; cat member", false)]
    [InlineData("echo text", false)]
    [InlineData("head -c 300000 /dev/zero; echo text", false)]
    [InlineData("printf '\\037'", false)]
    public async Task Only_members_and_zeros_may_follow_a_member(string rest, bool isWhole)
    {
        using var directory = new TemporaryDirectory();
        foreach (var size in new[] { 3, 100_000 })
        {
            var judge = await Tool.RunAsync(
                "bash", ["-c", $"head -c {size} /dev/urandom | gzip -n >member; {{ cat member; {rest}; }} >all; gzip -dc all >plain"],
                    directory: directory.Path);
            Assert.Equal(isWhole, judge.ExitCode == 0);
            using var input = File.OpenRead(directory["all"]);
            using var output = new MemoryStream();
            var stream = Decompression.Open(input, CompressionFormat.Gzip, new("all"));
            if (!isWhole)
            {
                Assert.Throws<InputException>(() => stream.CopyTo(output));
                continue;
            }

            stream.CopyTo(output);
            Assert.Equal(await File.ReadAllBytesAsync(directory["plain"]), output.ToArray());
        }
    }
}
