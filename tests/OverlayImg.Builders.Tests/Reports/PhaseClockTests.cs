using OverlayImg.Images.Sessions;

namespace OverlayImg.Builders.Tests.Reports;

public sealed class PhaseClockTests
{
    [Fact]
    public void A_repeated_phase_adds_to_its_first_entry()
    {
        var clock = new PhaseClock();
        clock.Record("contents", TimeSpan.FromSeconds(1));
        clock.Record("script", TimeSpan.FromSeconds(2));
        clock.Record("contents", TimeSpan.FromSeconds(4));
        Assert.Equal([new("contents", TimeSpan.FromSeconds(5)), new("script", TimeSpan.FromSeconds(2))], clock.Phases);
    }
}
