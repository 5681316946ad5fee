using OverlayImg.FileSystems;

namespace OverlayImg.Closures.Layering;

/// <summary>
/// Today's nixpkgs (spec dockertools, 3.1). From one layer with everything, the largest path after the other gets a layer of its own, with what is needed
/// through it alone; what several of these large paths need is a layer for each set of them; until there are too many layers.
/// </summary>
internal sealed class AutoLayering
{
    private readonly IReadOnlyList<StorePathInfo> _paths;
    private readonly int _count;
    private readonly long[] _sizes;
    private readonly PathGraph _graph;
    private readonly CancellationToken _cancellationToken;

    /// <summary>Takes the closure.</summary>
    /// <param name="paths">Sorted by path: of two that are equally large, the later one counts as the larger.</param>
    /// <param name="roots">Further nodes of the graph: they take part in the division, and are left out of the layers.</param>
    /// <param name="sizeOf">Of a path's Nix archive.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public AutoLayering(
        IReadOnlyList<StorePathInfo> paths, IReadOnlyList<StorePathInfo> roots, Func<StorePathInfo, long> sizeOf, CancellationToken cancellationToken)
    {
        (_paths, _count, _cancellationToken) = ([.. paths, .. roots], paths.Count, cancellationToken);
        _graph = new(_paths);
        _sizes = [.. _paths.Select(sizeOf)];
    }

    /// <summary>The layers, none coming before one that it needs.</summary>
    public IReadOnlyList<StoreLayer> Plan(int available)
    {
        if (_count == 0) return [];
        var layers = Split(available).Select((key, path) => (Key: key, Path: path)).GroupBy(item => item.Key, item => item.Path)
            .Select(group => (group.Key, Paths: group.ToArray())).ToArray();
        // What a layer needs has a smaller closure. Where two are as large, nixpkgs leaves the order to chance.
        return [.. layers.OrderBy(layer => ClosureSize(layer.Paths)).ThenBy(layer => layer.Paths.Min())
            .Where(layer => layer.Paths.Any(path => path < _count)).Select(layer => Describe(layer.Key, layer.Paths))];
    }

    private LayerKey[] Split(int available)
    {
        var split = new LayerKey[_paths.Count];
        // Stable, and from its end: so does nixpkgs, and so the later one of equals comes first.
        foreach (var primary in Enumerable.Range(0, _paths.Count).OrderBy(path => _sizes[path]).Reverse())
        {
            _cancellationToken.ThrowIfCancellationRequested();
            var next = With(split, primary);
            if (next.Distinct().Count() > available) break;
            split = next;
        }

        return split;
    }

    private LayerKey[] With(LayerKey[] split, int primary)
    {
        var next = (LayerKey[])split.Clone();
        next[primary] = new([primary]);
        var (dependencies, dependents) = (_graph.DependenciesOf(primary), _graph.DependentsOf(primary));
        foreach (var path in dependencies)
        {
            next[path] = next[path].Without(dependents);
            if (!next[path].Overlaps(dependencies)) next[path] = next[path].With(primary);
        }

        return next;
    }

    private long ClosureSize(int[] paths)
    {
        var closure = new HashSet<int>(paths);
        foreach (var path in paths) closure.UnionWith(_graph.DependenciesOf(path));
        return closure.Sum(path => _sizes[path]);
    }

    private StoreLayer Describe(LayerKey key, int[] paths)
    {
        int[] primaries = [.. key.Paths.ToArray().Where(path => path < _count)];
        ByteString[] names = [.. primaries.Select(path => _paths[path].Path).Order(Comparer<ByteString>.Create(PathNames.Compare))];
        var reason = primaries.Length switch
        {
            0 when key.Paths.Length == 0 => "what is not large, and not needed by what is",
            0 => "what the config or the customisation layer alone needs",
            1 => $"a large store path, and what only it needs: {names[0]}",
            _ => $"what {primaries.Length} large store paths need: {string.Join(", ", names)}",
        };
        var sorted = paths.Where(path => path < _count).OrderBy(path => _paths[path].Path, Comparer<ByteString>.Create(PathNames.Compare));
        return new(reason, [.. sorted.Select(path => (_paths[path].Path, $"{(primaries.Contains(path) ? "large" : "small")}: {_sizes[path]} bytes"))]);
    }
}
