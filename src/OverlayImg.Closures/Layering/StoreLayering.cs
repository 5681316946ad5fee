namespace OverlayImg.Closures.Layering;

/// <summary>Divides the store paths of a closure into layers. Each path goes to exactly one layer.</summary>
internal static class StoreLayering
{
    /// <summary>Returns the layers, bottom first.</summary>
    /// <param name="paths">The closure, sorted by path.</param>
    /// <param name="roots">More nodes of the graph, which affect the order but are in no layer.</param>
    /// <param name="available">The largest number of layers, at least 1.</param>
    /// <param name="sizeOf">Returns the size of a path's Nix archive in bytes.</param>
    /// <exception cref="InputException">There are more paths than layers, and the strategy needs a layer for each path.</exception>
    public static IReadOnlyList<StoreLayer> Plan(IReadOnlyList<StorePathInfo> paths, IReadOnlyList<StorePathInfo> roots,
        LayeringStrategy strategy, int available, Func<StorePathInfo, long> sizeOf, CancellationToken cancellationToken) => strategy switch
        {
            LayeringStrategy.Popularity => ByPopularity(Ordered(paths, roots, cancellationToken), available),
            LayeringStrategy.OnePerPath => OnePerPath(Ordered(paths, roots, cancellationToken), available),
            LayeringStrategy.Auto => new AutoLayering(paths, roots, sizeOf, cancellationToken).Plan(available),
            _ => throw new ArgumentOutOfRangeException(nameof(strategy), strategy, "Does not divide store paths."),
        };

    /// <summary>Puts each of the first items into a layer of its own, and the remaining items together into the last layer.</summary>
    public static IReadOnlyList<IReadOnlyList<T>> Split<T>(IReadOnlyList<T> items, int available)
    {
        var alone = items.Count <= available ? items.Count : available - 1;
        List<IReadOnlyList<T>> layers = [.. items.Take(alone).Select(item => new[] { item })];
        if (alone < items.Count) layers.Add([.. items.Skip(alone)]);
        return layers;
    }

    private static IReadOnlyList<PopularPath> Ordered(
        IReadOnlyList<StorePathInfo> paths, IReadOnlyList<StorePathInfo> roots, CancellationToken cancellationToken)
    {
        var helpers = roots.Select(root => root.Path).ToHashSet();
        return [.. Popularity.Order([.. paths, .. roots], cancellationToken).Where(path => !helpers.Contains(path.Path))];
    }

    private static IReadOnlyList<StoreLayer> ByPopularity(IReadOnlyList<PopularPath> paths, int available) =>
    [
        .. Split(paths, available).Select(layer => new StoreLayer(
            layer.Count == 1 ? "a popular store path" : "the less popular store paths", [.. layer.Select(path => (path.Path, Reason(path)))])),
    ];

    private static IReadOnlyList<StoreLayer> OnePerPath(IReadOnlyList<PopularPath> paths, int available)
    {
        if (paths.Count > available)
        {
            throw new InputException($"the closure has {paths.Count} store paths, but there are only {available} layers for them")
            {
                Advice = new(
                    "Allow more layers, or choose the layering auto or popularity, with which paths share layers.",
                    ClosureSetting.MaxLayers, ClosureSetting.Layering),
            };
        }

        return [.. paths.Select(path => new StoreLayer("a store path", [(path.Path, Reason(path))]))];
    }

    private static string Reason(PopularPath path) => path.Score is { } score ? $"popularity {score}" : "in a cycle of references, or needed by one";
}
