using System.Reflection;
using OverlayImg.Cli.Exits;

namespace OverlayImg.Cli.Tests.House;

/// <summary>No two namespaces of a floor (a project) use each other in the compiled code.</summary>
public sealed class NamespaceTests
{
    // One type of each floor below the command line, and one of the command line.
    public static TheoryData<Type> TypesOfFloors => [.. Floors.Declarations, typeof(ExitCodes)];

    [Theory]
    [MemberData(nameof(TypesOfFloors))]
    public void No_two_namespaces_of_a_floor_use_each_other(Type typeOfFloor)
    {
        var cycles = NamespaceGraph.Of(typeOfFloor.Assembly).Cycles();
        Assert.True(cycles.Count == 0, string.Join('\n', cycles.Select(cycle => $"{cycle.Pair}: {cycle.Example}")));
    }

    [Fact]
    public void A_cycle_is_found_in_signatures_and_in_code()
    {
        var cycles = NamespaceGraph.Of(Assembly.GetExecutingAssembly()).Cycles();
        Assert.Contains("OverlayImg.Cli.Tests.House.Cycle.Left - OverlayImg.Cli.Tests.House.Cycle.Right", cycles.Select(cycle => cycle.Pair));
        Assert.DoesNotContain(cycles, cycle => cycle.Pair.EndsWith("Above", StringComparison.Ordinal));
    }
}
