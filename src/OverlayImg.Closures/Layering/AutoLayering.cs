using OverlayImg.FileSystems;

namespace OverlayImg.Closures.Layering;

/// <summary>
/// The layering of nixpkgs since November 2024. Everything starts in one layer. One after the other, the largest paths
/// get layers of their own, together with the paths that only they need. Paths that several of these large paths need
/// get a layer for each set of large paths. The division stops before there are too many layers.
/// </summary>
internal sealed class AutoLayering
{
    private readonly IReadOnlyList<StorePathInfo> _paths;
    private readonly int _count;
    private readonly long[] _sizes;
    private readonly PathGraph _graph;
    private readonly CancellationToken _cancellationToken;

    /// <summary>Prepares the division of a closure.</summary>
    /// <param name="paths">Sorted by path: of two paths of equal size, the later one counts as larger.</param>
    /// <param name="roots">More nodes of the graph, which affect the division but are in no layer.</param>
    /// <param name="sizeOf">Returns the size of a path's Nix archive in bytes.</param>
    public AutoLayering(
        IReadOnlyList<StorePathInfo> paths, IReadOnlyList<StorePathInfo> roots, Func<StorePathInfo, long> sizeOf, CancellationToken cancellationToken)
    {
        (_paths, _count, _cancellationToken) = ([.. paths, .. roots], paths.Count, cancellationToken);
        _graph = new(_paths);
        _sizes = [.. _paths.Select(sizeOf)];
    }

    /// <summary>Returns the layers. A layer comes after the layers that it needs.</summary>
    public IReadOnlyList<StoreLayer> Plan(int available)
    {
        if (_count == 0) return [];
        var layers = Split(available).Select((key, path) => (Key: key, Path: path)).GroupBy(item => item.Key, item => item.Path)
            .Select(group => (group.Key, Paths: group.ToArray())).ToArray();
        // The paths that a layer needs have a smaller closure than the layer. For closures of equal size nixpkgs' order is random.
        return [.. layers.OrderBy(layer => ClosureSize(layer.Paths)).ThenBy(layer => layer.Paths.Min())
            .Where(layer => layer.Paths.Any(path => path < _count)).Select(layer => Describe(layer.Key, layer.Paths))];
    }

    private LayerKey[] Split(int available)
    {
        var split = new LayerKey[_paths.Count];
        // The sort is stable and then reversed, as in nixpkgs, so the later one of two equal paths comes first.
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
            0 when key.Paths.Length == 0 => "small store paths that no large one needs",
            0 => "store paths that only the config or the customisation layer needs",
            1 => $"a large store path and the paths that only it needs: {names[0]}",
            _ => $"store paths that {primaries.Length} large ones need: {string.Join(", ", names)}",
        };
        var sorted = paths.Where(path => path < _count).OrderBy(path => _paths[path].Path, Comparer<ByteString>.Create(PathNames.Compare));
        return new(reason, [.. sorted.Select(Placed)]);

        (ByteString, string) Placed(int path) => (_paths[path].Path, $"{(primaries.Contains(path) ? "large" : "small")}: {_sizes[path]} bytes");
    }
}
