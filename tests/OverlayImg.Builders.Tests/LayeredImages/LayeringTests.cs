using System.Globalization;
using System.Text.Json;
using OverlayImg.Caching;
using OverlayImg.Closures;
using OverlayImg.Closures.Layering;
using OverlayImg.FileSystems;

namespace OverlayImg.Builders.Tests.LayeredImages;

/// <summary>Store paths are ordered and divided into layers as in nixpkgs. Each store path is in exactly one layer.</summary>
public sealed class LayeringTests
{
    private static readonly Func<StorePathInfo, long> NarSize = info => info.Nar!.Value.Size;

    [Fact]
    public async Task Random_closures_are_ordered_and_divided_as_the_reference_does()
    {
        using var reference = JsonDocument.Parse(await ReferenceScripts.RunAsync("layering-reference.py", "200"));
        var layers = 0;
        foreach (var item in reference.RootElement.EnumerateArray())
        {
            var closure = Closure(item.GetProperty("closure"));
            Assert.Equal(Texts(item.GetProperty("popularity")), Popularity.Order(closure, default).Select(path => path.Path.ToString()));
            foreach (var limit in item.GetProperty("auto").EnumerateObject())
            {
                var available = int.Parse(limit.Name, CultureInfo.InvariantCulture);
                var plan = Plan(closure, LayeringStrategy.Auto, available);
                Assert.Equal(limit.Value.EnumerateArray().Select(Texts), plan);
                Assert.InRange(plan.Length, 0, available);
                layers += plan.Length;
            }
        }

        Assert.True(layers > 2000, "The random closures are too small to show anything.");
    }

    // nixpkgs adds nodes for the image itself to the graph. They take the places of large paths and add ways to paths, but are in no layer.
    [Fact]
    public async Task The_config_and_the_customisation_layer_are_nodes_of_the_graph_as_in_nixpkgs()
    {
        using var reference = JsonDocument.Parse(await ReferenceScripts.RunAsync("layering-reference.py", "200"));
        var different = 0;
        foreach (var item in reference.RootElement.EnumerateArray())
        {
            var closure = Closure(item.GetProperty("closure"));
            var roots = Closure(item.GetProperty("popularityRoots"));
            var popular = StoreLayering.Plan(closure, roots, LayeringStrategy.OnePerPath, 1000, NarSize, default)
                .Select(layer => layer.Paths[0].Path.ToString());
            Assert.Equal(Texts(item.GetProperty("rootedPopularity")), popular);
            foreach (var limit in item.GetProperty("rootedAuto").EnumerateObject())
            {
                var available = int.Parse(limit.Name, CultureInfo.InvariantCulture);
                var plan = Plan(closure, LayeringStrategy.Auto, available, Closure(item.GetProperty("autoRoots")));
                Assert.Equal(limit.Value.EnumerateArray().Select(Texts), plan);
                var automatic = Plan(closure, LayeringStrategy.Auto, available);
                if (!plan.Select(layer => string.Join(' ', layer)).SequenceEqual(automatic.Select(layer => string.Join(' ', layer))))
                    different++;
            }
        }

        Assert.True(different > 100, "The nodes make too little difference to show anything.");
    }

    [Fact]
    public void Scores_equal_those_of_the_example_in_dockerTools()
    {
        var order = Popularity.Order(
            [Info("foo", "foo", "bar", "baz"), Info("bar", "bar", "baz"), Info("baz", "baz", "tux"), Info("tux", "tux")], default);
        Assert.Equal(["tux 6", "baz 4", "bar 2", "foo 1"], order.Select(path => $"{TreePath.Name(path.Path)} {path.Score}"));
    }

    [Fact]
    public void Ties_are_ordered_by_the_name_after_the_hash()
    {
        var order = Popularity.Order([Info("1-b"), Info("2-a"), Info("3-b"), Info("4-a-1")], default);
        // The sort key is the name, '-' and the path up to the hash. In the keys of a and a-1, '/' sorts before '1'.
        Assert.Equal(["2-a", "4-a-1", "1-b", "3-b"], order.Select(path => TreePath.Name(path.Path).ToString()));
    }

    [Fact]
    public void Paths_that_no_root_reaches_come_last()
    {
        StorePathInfo[] closure =
            [Info("root", "leaf"), Info("leaf"), Info("z-circle", "a-circle"), Info("a-circle", "z-circle", "below"), Info("below")];
        var order = Popularity.Order(closure, default);
        Assert.Equal(["leaf", "root", "a-circle", "below", "z-circle"], order.Select(path => TreePath.Name(path.Path).ToString()));
        Assert.Equal([true, true, false, false, false], order.Select(path => path.Score is not null));
    }

    [Fact]
    public void A_graph_with_exponentially_many_ways_is_ordered()
    {
        // Each of 200 levels has two references to the next level, so there are 2^200 ways to the last level.
        var closure = new List<StorePathInfo>();
        for (var level = 0; level < 200; level++)
        {
            string[] next = level == 199 ? [] : [$"l{level + 1:000}", $"r{level + 1:000}"];
            closure.Add(Info($"l{level:000}", next));
            closure.Add(Info($"r{level:000}", next));
        }

        var order = Popularity.Order(closure, default);
        Assert.Equal("l199", TreePath.Name(order[0].Path).ToString());
        Assert.True(order[0].Score > System.Numerics.BigInteger.Pow(2, 199));
    }

    // nixpkgs#78744 and #80086: paths were lost if the closure had as many paths as there were layers, or one more.
    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 5)]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(7, 1)]
    [InlineData(4, 5)]
    [InlineData(5, 5)]
    [InlineData(6, 5)]
    [InlineData(50, 5)]
    [InlineData(98, 98)]
    [InlineData(99, 98)]
    [InlineData(97, 98)]
    public void No_path_is_lost_or_repeated_near_the_layer_limit_nixpkgs_78744_80086(int count, int available)
    {
        StorePathInfo[] closure = [.. Enumerable.Range(0, count).Select(index => Info($"{index:000}-p", $"{index / 2:000}-p"))];
        var expected = closure.Select(info => info.Path.ToString());
        foreach (var strategy in (LayeringStrategy[])[LayeringStrategy.Popularity, LayeringStrategy.Auto])
        {
            var layers = Plan(closure, strategy, available);
            Assert.InRange(layers.Length, 0, available);
            Assert.All(layers, layer => Assert.NotEmpty(layer));
            Assert.Equal(expected, layers.SelectMany(layer => layer).Order(StringComparer.Ordinal));
        }

        var sizes = Plan(closure, LayeringStrategy.Popularity, available).Select(layer => layer.Length).ToArray();
        Assert.Equal(count <= available ? Enumerable.Repeat(1, count) : [.. Enumerable.Repeat(1, available - 1), count - available + 1], sizes);
    }

    [Fact]
    public void One_per_path_refuses_more_paths_than_layers()
    {
        StorePathInfo[] closure = [Info("a"), Info("b"), Info("c")];
        Assert.Equal(3, Plan(closure, LayeringStrategy.OnePerPath, 3).Length);
        var error = Assert.Throws<InputException>(() => Plan(closure, LayeringStrategy.OnePerPath, 2));
        Assert.Contains("3 store paths", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100, 0, 99)]
    [InlineData(4, 2, 1)]
    [InlineData(2, 0, 1)]
    public void Base_layers_and_the_customisation_layer_count_towards_the_limit(int maxLayers, int baseLayers, int available) =>
        Assert.Equal(available, LayerBudget.Available(maxLayers, baseLayers));

    [Theory]
    [InlineData(3, 2)]
    [InlineData(1, 0)]
    [InlineData(2, 100)]
    public void No_layer_left_is_an_error_that_says_how_many_are_used_and_allowed(int maxLayers, int baseLayers)
    {
        var error = Assert.Throws<InputException>(() => LayerBudget.Available(maxLayers, baseLayers));
        Assert.Contains(baseLayers == 0 ? "1 layer is used" : $"{baseLayers + 1} layers are used", error.Message, StringComparison.Ordinal);
        Assert.Contains($"but the limit is {maxLayers}, ", error.Message, StringComparison.Ordinal);
    }

    private static string[][] Plan(IReadOnlyList<StorePathInfo> closure, LayeringStrategy strategy, int available, StorePathInfo[]? roots = null) =>
    [
        .. StoreLayering.Plan(closure, roots ?? [], strategy, available, NarSize, default)
            .Select(layer => layer.Paths.Select(placed => placed.Path.ToString()).ToArray()),
    ];

    private static StorePathInfo Info(string name, params string[] references) => new(
        Path(name), [.. references.Select(Path)], new(Images.Digests.Digest.Of([]), 100 + name.Length));

    private static ByteString Path(string name) => ByteString.FromText($"/nix/store/{name}");

    private static StorePathInfo[] Closure(JsonElement closure) =>
    [
        .. closure.EnumerateArray().Select(info => new StorePathInfo(
            ByteString.FromText(info.GetProperty("path").GetString()!), [.. Texts(info.GetProperty("references")).Select(ByteString.FromText)],
            new(Images.Digests.Digest.Of([]), info.GetProperty("narSize").GetInt64()))),
    ];

    private static string[] Texts(JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetString()!)];
}
