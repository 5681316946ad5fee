using OverlayImg.FileSystems.Tar;

namespace OverlayImg.FileSystems.Tests.Tar;

public sealed class TarTypeFlagTests
{
    [Fact]
    public void Those_that_are_known_are_those_that_have_a_name()
    {
        for (var value = 0; value <= byte.MaxValue; value++) Assert.Equal(Enum.IsDefined((TarTypeFlag)value), ((TarTypeFlag)value).IsKnown());
    }
}
