using System.Reflection;
using OverlayImg.Caching;
using OverlayImg.Closures;
using OverlayImg.FileSystems;
using OverlayImg.Images;
using OverlayImg.Layers.Guests;
using OverlayImg.Sandbox.Guests;

namespace OverlayImg.Builders.Tests.House;

/// <summary>The floors of the house as the compiler left them: no two namespaces of a floor need each other.</summary>
public sealed class NamespaceTests
{
    public static TheoryData<Type> Floors =>
    [
        typeof(FileTree), typeof(Cache), typeof(Digest), typeof(StorePaths), typeof(Guest), typeof(GuestLayerOptions), typeof(Exporter),
    ];

    [Theory]
    [MemberData(nameof(Floors))]
    public void No_two_namespaces_of_a_floor_need_each_other(Type typeOfFloor)
    {
        var cycles = NamespaceGraph.Of(typeOfFloor.Assembly).Cycles();
        Assert.True(cycles.Count == 0, string.Join('\n', cycles.Select(cycle => $"{cycle.Pair}: {cycle.Example}")));
    }

    [Fact]
    public void A_cycle_is_found_in_signatures_and_in_code()
    {
        var cycles = NamespaceGraph.Of(Assembly.GetExecutingAssembly()).Cycles();
        Assert.Contains("OverlayImg.Builders.Tests.House.Cycle.Left - OverlayImg.Builders.Tests.House.Cycle.Right", cycles.Select(cycle => cycle.Pair));
        Assert.DoesNotContain(cycles, cycle => cycle.Pair.EndsWith("Above", StringComparison.Ordinal));
    }
}
