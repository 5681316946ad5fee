using System.IO.Compression;
using OverlayImg.Caching;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Images.Compression;
using OverlayImg.Testing;

namespace OverlayImg.Images.Tests;

public sealed class SpoolTests : IDisposable
{
    private static readonly InputLocation Where = new("base.tar", "one.tar");
    private readonly TemporaryDirectory _directory = new();
    private readonly ScratchDirectory _scratch;

    public SpoolTests() => _scratch = ScratchDirectory.Create(_directory["scratch"]);

    public void Dispose()
    {
        _scratch.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void A_copy_has_the_bytes_and_no_file_name()
    {
        var data = new byte[3_000_000];
        new Random(1).NextBytes(data);
        using var source = new Spool(_scratch, SpoolLimits.Default).Copy(new MemoryStream(data), Where, TestContext.Current.CancellationToken);
        var copy = new byte[source.Length];
        source.Read(0, copy);
        Assert.Equal(data, copy);
        Assert.Equal(["lock"], Directory.EnumerateFileSystemEntries(_scratch.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void A_decompression_bomb_is_refused_before_it_fills_the_disk()
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true)) gzip.Write(new byte[2_000_000]);
        compressed.Position = 0;
        var spool = new Spool(_scratch, new(AlwaysAllowed: 1_999_999, Ratio: 2, SpaceToLeave: 0));
        var exception = Assert.Throws<InputException>(() =>
            spool.Decompress(compressed, CompressionFormat.Gzip, Where, TestContext.Current.CancellationToken));
        Assert.Contains("base.tar, layer one.tar: decompresses to more than 1999999 bytes", exception.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_disk_is_a_MachineException()
    {
        var spool = new Spool(_scratch, SpoolLimits.Default with { SpaceToLeave = long.MaxValue });
        var exception = Assert.Throws<MachineException>(() =>
            spool.Copy(new MemoryStream(new byte[1]), Where, TestContext.Current.CancellationToken));
        Assert.Equal([CacheSetting.Directory], exception.Advice!.Settings);
    }

    [Fact]
    public void The_limit_grows_with_the_compressed_size_above_a_minimum()
    {
        var limits = new SpoolLimits(AlwaysAllowed: 1000, Ratio: 200, SpaceToLeave: 0);
        Assert.Equal([1000, 2000, long.MaxValue], [limits.For(1), limits.For(10), limits.For(long.MaxValue)]);
    }
}
