using System.Numerics;
using OverlayImg.FileSystems;

namespace OverlayImg.Closures.Layering;

/// <summary>A path and how popular it is; null where nobody can say.</summary>
internal readonly record struct PopularPath(ByteString Path, BigInteger? Score);

/// <summary>
/// The seeds' popularity contest (spec dockertools, 1.13). There the graph is unfolded into a tree below the paths that nobody refers to; each path
/// scores one for each of its places in it, and one for each place of a path above it from which it can be reached. Here the places are counted in the
/// graph: as many as there are ways to the path.
/// </summary>
internal static class Popularity
{
    /// <summary>
    /// The paths, the most popular first, and those that are equally popular by name. Paths in a circle of references, and what these need, were never
    /// reached from a root: they come last, by themselves.
    /// </summary>
    public static IReadOnlyList<PopularPath> Order(IReadOnlyList<StorePathInfo> paths, CancellationToken cancellationToken)
    {
        var graph = new PathGraph(paths);
        var ways = CountWays(graph);
        var popular = new List<PopularPath>();
        for (var index = 0; index < paths.Count; index++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            popular.Add(new(paths[index].Path, ways[index] is { } own ? own + Sum(graph.DependentsOf(index), ways) : null));
        }

        return [.. popular.OrderBy(path => path.Score is null).ThenByDescending(path => path.Score).ThenBy(path => path.Score is null ? path.Path : PathNames.Key(path.Path))];
    }

    // By how many ways each path can be reached from the roots; null where a circle is in the way.
    private static BigInteger?[] CountWays(PathGraph graph)
    {
        var ways = new BigInteger?[graph.Count];
        int[] waiting = [.. Enumerable.Range(0, graph.Count).Select(path => graph.UsersOf(path).Length)];
        var ready = new Queue<int>(Enumerable.Range(0, graph.Count).Where(path => waiting[path] == 0));
        while (ready.TryDequeue(out var path))
        {
            var users = graph.UsersOf(path);
            ways[path] = users.Length == 0 ? BigInteger.One : Sum(users, ways);
            foreach (var reference in graph.ReferencesOf(path))
            {
                if (--waiting[reference] == 0) ready.Enqueue(reference);
            }
        }

        return ways;
    }

    private static BigInteger Sum(IEnumerable<int> paths, BigInteger?[] ways) => paths.Aggregate(BigInteger.Zero, (sum, path) => sum + ways[path]!.Value);
}
