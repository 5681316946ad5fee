using System.Globalization;
using OverlayImg.Testing;

namespace OverlayImg.FileSystems.Tests.Files;

public sealed class SparseFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("truncate -s 1M f", 1 << 20)]
    [InlineData("printf data > f; truncate -s 1M f", 1 << 20)]
    [InlineData("truncate -s 1M f; printf data | dd of=f bs=1 seek=500000 conv=notrunc", 1 << 20)]
    [InlineData("truncate -s 1M f; printf data >> f", (1 << 20) + 4)]
    [InlineData(": > f", 0)]
    public async Task Data_extents_are_in_order_and_everything_outside_is_zeros(string make, int length)
    {
        await Tool.BashAsync(make, _directory.Path);
        using var file = File.OpenHandle(_directory["f"]);
        var extents = SparseFile.DataExtents(file, length);
        Assert.NotNull(extents);
        var bytes = await File.ReadAllBytesAsync(_directory["f"], TestContext.Current.CancellationToken);
        var end = 0L;
        foreach (var extent in extents)
        {
            Assert.True(extent.Offset >= end && extent.Length > 0);
            end = extent.Offset + extent.Length;
            Assert.True(end <= length);
            bytes.AsSpan((int)extent.Offset, (int)extent.Length).Clear();
        }

        Assert.False(bytes.AsSpan().ContainsAnyExcept((byte)0));
        // Where the file system supports holes (the allocated size shows it), the extents leave them out.
        Assert.True(SparseFile.AllocatedBytes(_directory["f"]) >= length || extents.Sum(extent => extent.Length) < length || length == 0);
    }

    [Fact]
    public async Task The_allocated_size_is_that_of_stat()
    {
        await Tool.BashAsync("truncate -s 1G f; head -c 100000 /dev/urandom | dd of=f bs=4096 seek=5000 conv=notrunc; sync f", _directory.Path);
        var blocks = (await Tool.OutputAsync("stat", "-c", "%b", _directory["f"])).Trim();
        Assert.Equal(long.Parse(blocks, CultureInfo.InvariantCulture) * 512, SparseFile.AllocatedBytes(_directory["f"]));
        Assert.Equal(0, SparseFile.AllocatedBytes(_directory["none"]));
    }

    [Theory]
    [InlineData("truncate -s 3M f")]
    [InlineData("truncate -s 3M f; printf data | dd of=f bs=1 seek=1500000 conv=notrunc; printf end >> f")]
    [InlineData("head -c 1000000 /dev/urandom > f")]
    [InlineData("head -c 3000000 /dev/zero > f; printf end >> f")]
    [InlineData(": > f")]
    public async Task A_copy_has_the_same_bytes_and_allocates_no_more_than_necessary(string make)
    {
        await Tool.BashAsync(make, _directory.Path);
        using var file = File.OpenHandle(_directory["f"]);
        SparseFile.Copy(file, _directory["copy"], TestContext.Current.CancellationToken);
        await Tool.BashAsync("cmp f copy; cp --sparse=always f least; sync copy least", _directory.Path);
        // GNU cp looks for zeros in other pieces than SparseFile, whose pieces may have both zeros and data.
        Assert.InRange(SparseFile.AllocatedBytes(_directory["copy"]), 0, SparseFile.AllocatedBytes(_directory["least"]) + (1 << 19));
        Assert.Throws<IOException>(() => SparseFile.Copy(file, _directory["copy"], TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_file_in_memory_is_copied_like_any_other()
    {
        using var memory = MemoryFile.Create("a name");
        RandomAccess.SetLength(memory, 1 << 20);
        RandomAccess.Write(memory, "data"u8, 700_000);
        var target = File.ResolveLinkTarget($"/proc/self/fd/{memory.DangerousGetHandle()}", returnFinalTarget: false);
        Assert.Equal("/memfd:a name (deleted)", target?.FullName);
        SparseFile.Copy(memory, _directory["copy"], TestContext.Current.CancellationToken);
        var expected = new byte[1 << 20];
        "data"u8.CopyTo(expected.AsSpan(700_000));
        Assert.Equal(expected, File.ReadAllBytes(_directory["copy"]));
        Assert.InRange(SparseFile.AllocatedBytes(_directory["copy"]), 1, 1 << 19);
    }

    [Fact]
    public void No_extent_lies_beyond_the_end_of_a_truncated_file()
    {
        File.WriteAllBytes(_directory["f"], new byte[100]);
        using var file = File.OpenHandle(_directory["f"]);
        // Beyond the end of a file there is neither data nor a hole.
        Assert.Empty(SparseFile.DataExtents(file, 0)!);
        Assert.All(SparseFile.DataExtents(file, 1000)!, extent => Assert.True(extent.Offset + extent.Length <= 1000));
    }
}
