using System.Numerics;
using OverlayImg.FileSystems;

namespace OverlayImg.Closures.Layering;

/// <summary>A store path and its popularity; null for a path in a cycle of references, or needed by one.</summary>
internal readonly record struct PopularPath(ByteString Path, BigInteger? Score);

/// <summary>
/// dockerTools' popularity contest. dockerTools unfolds the graph into a tree below the paths that nothing refers to. A
/// path scores one for each of its places in the tree, and one for each place of a path from which it can be reached.
/// This class counts the places in the graph itself: a path has as many places as there are ways to it.
/// </summary>
internal static class Popularity
{
    /// <summary>
    /// Returns the paths, the most popular first, and equally popular ones by name. Paths in a cycle of references, and
    /// the paths that they need, can't be reached from the roots and come last.
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

        return [.. popular.OrderBy(path => path.Score is null).ThenByDescending(path => path.Score)
            .ThenBy(path => path.Score is null ? path.Path : PathNames.Key(path.Path))];
    }

    // The number of ways from the roots to each path; null for a path in a cycle, or needed by one.
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

    private static BigInteger Sum(IEnumerable<int> paths, BigInteger?[] ways) =>
        paths.Aggregate(BigInteger.Zero, (sum, path) => sum + ways[path]!.Value);
}
