using FsCheck;
using FsCheck.Fluent;
using OverlayImg.Testing;

namespace OverlayImg.FileSystems.Tests.Trees;

public sealed class SparseContentTests
{
    [Fact]
    public void Any_range_equals_the_same_range_of_a_sparse_file_of_the_host()
    {
        using var directory = new TemporaryDirectory();
        Prop.ForAll<(byte Gap, byte Length)[], int>((runs, seed) =>
        {
            var random = new Random(seed);
            var source = new byte[20_000];
            random.NextBytes(source);
            File.WriteAllBytes(directory["source"], source);
            using var opened = ByteSource.Open(directory["source"]);

            // A real sparse file to compare with, written range by range.
            var extents = new List<SourceExtent>();
            using var judge = new FileStream(directory["judge"], FileMode.Create);
            var end = 0L;
            foreach (var (gap, length) in runs)
            {
                var extent = new SourceExtent(end + gap, length + 1, random.Next(source.Length - length - 1));
                extents.Add(extent);
                judge.Position = extent.Offset;
                judge.Write(source, (int)extent.SourceOffset, (int)extent.Length);
                end = extent.Offset + extent.Length;
            }

            end += random.Next(300);
            judge.SetLength(end);
            var content = new SparseContent(opened, end, [.. extents]);
            for (var attempt = 0; attempt < 20; attempt++)
            {
                var offset = random.NextInt64(end + 1);
                var ours = new byte[random.NextInt64(end - offset + 1)];
                var theirs = new byte[ours.Length];
                ours.AsSpan().Fill(0x55);
                content.Read(offset, ours);
                judge.Position = offset;
                judge.ReadExactly(theirs);
                if (!ours.AsSpan().SequenceEqual(theirs)) return false;
            }

            return content.DataExtents.Sum(extent => extent.Length) == extents.Sum(extent => extent.Length);
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-1, 5)]
    [InlineData(96, 5)]
    [InlineData(long.MaxValue, 5)]
    [InlineData(5, long.MaxValue)]
    public void Extents_that_are_empty_or_exceed_the_file_are_refused(long offset, long length) =>
        Assert.Throws<ArgumentException>(() => new SparseContent(null!, 100, [new(offset, length, 0)]));

    [Fact]
    public void Extents_that_overlap_or_are_not_in_order_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new SparseContent(null!, 100, [new(0, 10, 0), new(9, 10, 0)]));
        Assert.Throws<ArgumentException>(() => new SparseContent(null!, 100, [new(50, 10, 0), new(0, 10, 0)]));
    }

    [Fact]
    public void Reads_outside_the_file_are_refused()
    {
        var content = new MemoryContent(new byte[10]);
        Assert.Throws<ArgumentOutOfRangeException>(() => content.Read(-1, new byte[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => content.Read(10, new byte[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => content.Read(long.MaxValue, new byte[1]));
        content.Read(10, []);
    }

    [Fact]
    public void A_source_that_ends_early_is_reported_with_its_name_and_offset()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllBytes(directory["short"], new byte[10]);
        using var source = ByteSource.Open(directory["short"]);
        var exception = Assert.Throws<InputException>(() => new SourceContent(source, 5, 10).Read(0, new byte[10]));
        Assert.Equal((directory["short"], 10L), (exception.Where.File, exception.Where.Offset));
    }
}
