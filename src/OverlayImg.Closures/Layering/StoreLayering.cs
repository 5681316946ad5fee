namespace OverlayImg.Closures.Layering;

/// <summary>Divides the store paths of a closure into layers: each path into exactly one.</summary>
internal static class StoreLayering
{
    /// <summary>Divides them.</summary>
    /// <param name="paths">The closure, sorted by path.</param>
    /// <param name="roots">Further nodes of the graph, which no layer holds: they count for the order alone.</param>
    /// <param name="strategy">How.</param>
    /// <param name="available">How many layers there may be; at least 1.</param>
    /// <param name="sizeOf">A path's size as Nix counts it: of its Nix archive.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="InputException">There are more paths than layers, and each is to have one.</exception>
    public static IReadOnlyList<StoreLayer> Plan(IReadOnlyList<StorePathInfo> paths, IReadOnlyList<StorePathInfo> roots,
        LayeringStrategy strategy, int available, Func<StorePathInfo, long> sizeOf, CancellationToken cancellationToken) => strategy switch
        {
            LayeringStrategy.Popularity => ByPopularity(Ordered(paths, roots, cancellationToken), available),
            LayeringStrategy.OnePerPath => OnePerPath(Ordered(paths, roots, cancellationToken), available),
            LayeringStrategy.Auto => new AutoLayering(paths, roots, sizeOf, cancellationToken).Plan(available),
            _ => throw new ArgumentOutOfRangeException(nameof(strategy), strategy, "Does not divide store paths."),
        };

    /// <summary>Each of the first items in a layer of its own, and all that there is no layer left for in the last one.</summary>
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
        .. Split(paths, available).Select(layer =>
            new StoreLayer(layer.Count == 1 ? "a popular store path" : "the less popular store paths", [.. layer.Select(path => (path.Path, Reason(path)))])),
    ];

    private static IReadOnlyList<StoreLayer> OnePerPath(IReadOnlyList<PopularPath> paths, int available)
    {
        if (paths.Count > available)
        {
            throw new InputException($"the closure has {paths.Count} store paths, but there are only {available} layers for them")
            {
                Advice = new(
                    "Allow more layers, or let paths share layers by the layering auto or popularity.", ClosureSetting.MaxLayers, ClosureSetting.Layering),
            };
        }

        return [.. paths.Select(path => new StoreLayer("a store path", [(path.Path, Reason(path))]))];
    }

    private static string Reason(PopularPath path) => path.Score is { } score ? $"popularity {score}" : "in a circle of references, or needed by one";
}
