using OverlayImg.Images.Inspection;

namespace OverlayImg.Images.Tests.Inspection;

public sealed class ByteTotalTests
{
    [Fact]
    public void Sums_stop_at_the_largest_number()
    {
        Assert.Equal(0, ByteTotal.Of([]));
        Assert.Equal(7, ByteTotal.Of([3, 4]));
        Assert.Equal(long.MaxValue, ByteTotal.Add(long.MaxValue - 3, 3));
        Assert.Equal(long.MaxValue, ByteTotal.Of(Enumerable.Repeat(16L << 40, 600_000)));
    }
}
