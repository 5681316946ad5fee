using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Comparison;
using OverlayImg.Layers.Checks;

namespace OverlayImg.Builders.Tests.Checks;

/// <summary>The message about a script that gave different results in two runs.</summary>
public sealed class IrreproducibleExceptionTests
{
    [Theory]
    [InlineData(1, "The results of the two runs differ in 1 path, so nothing was written")]
    [InlineData(2, "The results of the two runs differ in 2 paths, so nothing was written")]
    public void The_message_counts_the_paths(int count, string expected)
    {
        var differences = Enumerable.Range(0, count)
            .Select(number => new PathDifference(ByteString.FromText($"/{number}"), PathChange.Added, [])).ToArray();
        Assert.Equal(expected, new IrreproducibleException(differences).Message);
    }
}
