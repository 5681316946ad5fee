using OverlayImg.FileSystems.Tar;

namespace OverlayImg.FileSystems.Tests.Tar;

public sealed class TarTypeFlagTests
{
    [Fact]
    public void A_type_flag_is_known_exactly_if_it_has_a_name()
    {
        for (var value = 0; value <= byte.MaxValue; value++) Assert.Equal(Enum.IsDefined((TarTypeFlag)value), ((TarTypeFlag)value).IsKnown());
    }
}
