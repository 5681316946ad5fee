using System.Reflection;
using OverlayImg.Caching;
using OverlayImg.Closures;
using OverlayImg.FileSystems;
using OverlayImg.Images;
using OverlayImg.Layers.Guests;
using OverlayImg.Sandbox.Guests;

namespace OverlayImg.Builders.Tests.House;

/// <summary>The floors of the house as the compiler left them: no two namespaces of a floor need each other, but for those that are left to mend.</summary>
public sealed class NamespaceTests
{
    // The pairs that are left. A pair that is gone must be taken out here, so that it does not come back.
    private const string FileSystems = """
        OverlayImg - OverlayImg.FileSystems
        OverlayImg - OverlayImg.FileSystems.HostDirectory
        OverlayImg - OverlayImg.FileSystems.Tar
        OverlayImg.FileSystems - OverlayImg.FileSystems.HostDirectory
        OverlayImg.FileSystems - OverlayImg.FileSystems.Tar
        OverlayImg.FileSystems.HostDirectory - OverlayImg.FileSystems.Tar
        """;

    public static TheoryData<Type, string> Floors => new()
    {
        { typeof(FileTree), FileSystems },
        { typeof(Cache), "" },
        { typeof(Digest), "" },
        { typeof(StorePaths), "" },
        { typeof(Guest), "" },
        { typeof(GuestLayerOptions), "" },
        { typeof(Exporter), "" },
    };

    [Theory]
    [MemberData(nameof(Floors))]
    public void No_two_namespaces_of_a_floor_need_each_other_but_those_that_are_known(Type typeOfFloor, string known)
    {
        var cycles = NamespaceGraph.Of(typeOfFloor.Assembly).Cycles();
        var pairs = string.Join('\n', cycles.Select(cycle => cycle.Pair));
        Assert.True(pairs == known, string.Join('\n', cycles.Select(cycle => $"{cycle.Pair}: {cycle.Example}")));
    }

    [Fact]
    public void A_cycle_is_found_in_signatures_and_in_code()
    {
        var cycles = NamespaceGraph.Of(Assembly.GetExecutingAssembly()).Cycles();
        Assert.Contains("OverlayImg.Builders.Tests.House.Cycle.Left - OverlayImg.Builders.Tests.House.Cycle.Right", cycles.Select(cycle => cycle.Pair));
        Assert.DoesNotContain(cycles, cycle => cycle.Pair.EndsWith("Above", StringComparison.Ordinal));
    }
}
