using OverlayImg.Cli.Reporting;

namespace OverlayImg.Cli.Tests;

/// <summary>The cells of a bar add up to its length. A size or a waste above 0 has at least one cell.</summary>
public sealed class SizeBarTests
{
    [Theory]
    [InlineData(100, 0, 100, 20, 0, 0)]
    [InlineData(100, 50, 100, 10, 10, 0)]
    [InlineData(50, 25, 100, 5, 5, 10)]
    [InlineData(1, 0, 1000000, 1, 0, 19)]
    [InlineData(1000, 1, 1000000, 1, 1, 18)]
    [InlineData(100, 1, 100, 19, 1, 0)]
    [InlineData(100, 99, 100, 1, 19, 0)]
    [InlineData(100, 100, 100, 0, 20, 0)]
    [InlineData(0, 0, 100, 0, 0, 20)]
    [InlineData(0, 0, 0, 0, 0, 20)]
    // A file with a hole is longer than the tar that stores the file.
    [InlineData(10, long.MaxValue, 10, 0, 20, 0)]
    [InlineData(long.MaxValue, 1, long.MaxValue, 19, 1, 0)]
    public void A_bar_of_20_cells(long size, long wasted, long largest, int kept, int waste, int rest) =>
        Assert.Equal(new SizeBar(kept, waste, rest), SizeBar.Of(size, wasted, largest, 20));

    [Fact]
    public void Cells_always_add_up()
    {
        for (var cells = 2; cells <= 40; cells++)
        {
            for (var size = 0; size <= 60; size++)
            {
                for (var wasted = 0; wasted <= size; wasted++)
                {
                    var bar = SizeBar.Of(size, wasted, 60, cells);
                    Assert.Equal(cells, bar.Kept + bar.Wasted + bar.Rest);
                    Assert.True(bar is { Kept: >= 0, Wasted: >= 0, Rest: >= 0 });
                    Assert.Equal((wasted > 0, size > wasted), (bar.Wasted > 0, bar.Kept > 0));
                }
            }
        }
    }
}
