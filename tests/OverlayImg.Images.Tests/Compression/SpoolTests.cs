using OverlayImg.FileSystems;
using OverlayImg.Testing;

namespace OverlayImg.Images.Tests;

public sealed class SpoolTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ScratchDirectory _scratch;

    public SpoolTests() => _scratch = ScratchDirectory.Create(_directory["scratch"]);

    public void Dispose()
    {
        _scratch.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void A_copy_has_the_bytes_and_no_name()
    {
        var data = new byte[3_000_000];
        new Random(1).NextBytes(data);
        using var source = Copy(new MemoryStream(data), limit: data.Length, SpoolLimits.Default);
        var copy = new byte[source.Length];
        source.Read(0, copy);
        Assert.Equal(data, copy);
        Assert.Equal(["lock"], Directory.EnumerateFileSystemEntries(_scratch.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void A_bomb_is_refused_before_it_fills_the_disk()
    {
        var exception = Assert.Throws<InputException>(() => Copy(new MemoryStream(new byte[2_000_000]), limit: 1_999_999, SpoolLimits.Default));
        Assert.Contains("base.tar, layer one.tar: unpacks to more than 1999999 bytes", exception.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_disk_without_space_is_the_machines_fault()
    {
        var limits = SpoolLimits.Default with { SpaceToLeave = long.MaxValue };
        var exception = Assert.Throws<MachineException>(() => Copy(new MemoryStream(new byte[1]), limit: 10, limits));
        Assert.Contains("--cache-dir", exception.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_limit_grows_with_the_compressed_data_above_a_floor()
    {
        var limits = new SpoolLimits(AlwaysAllowed: 1000, Ratio: 200, SpaceToLeave: 0);
        Assert.Equal([1000, 2000, long.MaxValue], [limits.For(1), limits.For(10), limits.For(long.MaxValue)]);
    }

    private ByteSource Copy(Stream stream, long limit, SpoolLimits limits) =>
        Spool.Copy(stream, limit, _scratch, new("base.tar", "one.tar"), limits, TestContext.Current.CancellationToken);
}
