namespace OverlayImg.Builders;

/// <summary>Divides the store paths of a closure into layers: each path into exactly one.</summary>
internal static class StoreLayering
{
    /// <summary>Divides them.</summary>
    /// <param name="paths">The closure, sorted by path.</param>
    /// <param name="strategy">How.</param>
    /// <param name="available">How many layers there may be; at least 1.</param>
    /// <param name="sizeOf">A path's size as Nix counts it: of its Nix archive.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="InputException">There are more paths than layers, and each is to have one.</exception>
    public static IReadOnlyList<StoreLayer> Plan(IReadOnlyList<StorePathInfo> paths, LayeringStrategy strategy, int available,
        Func<StorePathInfo, long> sizeOf, CancellationToken cancellationToken) => strategy switch
        {
            LayeringStrategy.Popularity => ByPopularity(paths, available, cancellationToken),
            LayeringStrategy.OnePerPath => OnePerPath(paths, available, cancellationToken),
            LayeringStrategy.Auto => new AutoLayering(paths, sizeOf, cancellationToken).Plan(available),
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

    private static IReadOnlyList<StoreLayer> ByPopularity(IReadOnlyList<StorePathInfo> paths, int available, CancellationToken cancellationToken) =>
    [
        .. Split(Popularity.Order(paths, cancellationToken), available).Select(layer =>
            new StoreLayer(layer.Count == 1 ? "a popular store path" : "the less popular store paths", [.. layer.Select(path => (path.Path, Reason(path)))])),
    ];

    private static IReadOnlyList<StoreLayer> OnePerPath(IReadOnlyList<StorePathInfo> paths, int available, CancellationToken cancellationToken)
    {
        if (paths.Count > available)
        {
            throw new InputException($"the closure has {paths.Count} store paths, but there are only {available} layers for them")
            {
                Advice = "Raise --max-layers, or let paths share layers by --layering auto or popularity.",
            };
        }

        return [.. Popularity.Order(paths, cancellationToken).Select(path => new StoreLayer("a store path", [(path.Path, Reason(path))]))];
    }

    private static string Reason(PopularPath path) => path.Score is { } score ? $"popularity {score}" : "in a circle of references, or needed by one";
}
