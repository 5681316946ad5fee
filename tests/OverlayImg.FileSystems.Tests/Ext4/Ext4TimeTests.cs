using System.Globalization;

namespace OverlayImg.FileSystems.Tests.Ext4;

public class Ext4TimeTests
{
    [Fact]
    public async Task Times_from_1901_to_2446_read_back_with_nanoseconds()
    {
        string[] dates =
        [
            "1901-12-13T20:45:52Z", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "2038-01-19T03:14:07Z",
            "2038-01-20T00:00:00Z", "2106-02-07T06:28:16Z", "2242-01-01T00:00:00Z", "2446-05-10T22:38:55Z",
        ];
        var seconds = dates.Select(date => DateTimeOffset.Parse(date, CultureInfo.InvariantCulture).ToUnixTimeSeconds()).ToArray();
        var tree = Make.Tree([
            .. seconds.Select(time => ($"t{time}", (FileNode)Make.File("x", Make.Plain with { ModificationTime = new(time, 999_999_999) }))),
            .. seconds.Select(time => ($"z{time}", (FileNode)Make.File("x", Make.Plain with { ModificationTime = new(time) }))),
        ]);
        using var disk = await TestDisk.WriteAsync(tree);
        await disk.ShowsAsync(tree);
    }

    [Theory]
    [InlineData(long.MinValue, -2_147_483_648, 0)]
    [InlineData(-2_147_483_649, -2_147_483_648, 0)]
    [InlineData(15_032_385_536, 15_032_385_535, 999_999_999)]
    [InlineData(long.MaxValue, 15_032_385_535, 999_999_999)]
    // The range that e2fsck would "repair" as the error of an old kernel.
    [InlineData(10_737_418_240, 10_737_418_239, 999_999_999)]
    [InlineData(12_884_901_887, 10_737_418_239, 999_999_999)]
    [InlineData(12_884_901_888, 12_884_901_888, 5)]
    public async Task A_time_out_of_range_becomes_the_nearest_possible_time(long seconds, long nearest, int nanoseconds)
    {
        using var disk = await TestDisk.WriteAsync(Make.Tree(("f", Make.File("x", Make.Plain with { ModificationTime = new(seconds, 5) }))));
        var shown = await disk.BashAsync("find f -printf '%T@ %A@ %C@'");
        var expected = string.Create(CultureInfo.InvariantCulture, $"{nearest}.{nanoseconds:d9}0");
        Assert.Equal($"{expected} {expected} {expected}", shown);
    }
}
