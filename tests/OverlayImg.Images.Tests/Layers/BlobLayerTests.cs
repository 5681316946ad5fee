using System.IO.Compression;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Layers;
using OverlayImg.Testing;

namespace OverlayImg.Images.Tests.Layers;

/// <summary>Verification and recompression of layers that are stored as blobs.</summary>
public sealed class BlobLayerTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly byte[] _tar = [.. Enumerable.Range(0, 2_000_000).Select(number => (byte)(number / 1000))];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_layer_is_verified_by_the_digest_and_the_diff_ID()
    {
        var blob = Gzip(_tar);
        using var source = Source(blob);
        var layer = LayerOf(source, Digest.Of(_tar), Digest.Of(blob));
        Assert.Equal(Digest.Of(blob), await layer.VerifyAsync(null, TestContext.Current.CancellationToken));
        var other = LayerOf(source, Digest.Of(blob), Digest.Of(blob));
        var exception = await Assert.ThrowsAsync<InputException>(() => other.VerifyAsync(null, TestContext.Current.CancellationToken));
        Assert.Contains("registry/image", exception.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_decompression_bomb_is_refused_while_it_is_hashed()
    {
        var blob = Gzip(new byte[2_000_000]);
        using var source = Source(blob);
        var layer = LayerOf(source, Digest.Of(new byte[2_000_000]), Digest.Of(blob));
        var limits = new SpoolLimits(AlwaysAllowed: 1_999_999, Ratio: 2, SpaceToLeave: 0);
        var exception = await Assert.ThrowsAsync<InputException>(() => layer.VerifyAsync(null, limits, TestContext.Current.CancellationToken));
        Assert.Contains("more than 1999999 bytes", exception.Describe(), StringComparison.Ordinal);
    }

    private static Layer LayerOf(ByteSource blob, Digest diffId, Digest digest)
    {
        var content = new SourceContent(blob, 0, blob.Length);
        return new(content, CompressionMagic.DetectIn(content), diffId, digest, new("registry/image"));
    }

    [Theory]
    [InlineData(CompressionFormat.None)]
    [InlineData(CompressionFormat.Gzip)]
    [InlineData(CompressionFormat.Zstd)]
    public void A_recompressed_layer_has_the_same_content(CompressionFormat format)
    {
        using var source = Source(Gzip(_tar));
        using var scratch = ScratchDirectory.Create(_directory["scratch"]);
        var stored = new SourceContent(source, 0, source.Length);
        var (bytes, layer) = Recompression.Run(stored, CompressionFormat.Gzip, format, scratch, new("a layer"),
            TestContext.Current.CancellationToken);
        using var own = bytes;
        var written = new byte[bytes.Length];
        bytes.Read(0, written);
        Assert.Equal((Digest.Of(written), written.Length, format), (layer.Digest, layer.Length, layer.Compression));
        Assert.Equal(format, CompressionMagic.Detect(written));
        using var unpacked = new MemoryStream();
        using (var stream = Decompression.Open(new MemoryStream(written), format, new("a layer"))) stream.CopyTo(unpacked);
        Assert.Equal(_tar, unpacked.ToArray());
        Assert.Equal(["lock"], Directory.EnumerateFileSystemEntries(scratch.Path).Select(Path.GetFileName));
    }

    private ByteSource Source(byte[] bytes)
    {
        File.WriteAllBytes(_directory["blob"], bytes);
        return ByteSource.Open(_directory["blob"]);
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(bytes);
        return compressed.ToArray();
    }
}
