using OverlayImg.FileSystems;

namespace OverlayImg.Closures.NixDatabases;

/// <summary>Finds the paths of a closure from which all others can be reached.</summary>
internal static class ClosureRoots
{
    /// <summary>
    /// Returns the paths that no other path refers to, and one path of each cycle that nothing outside refers to, in the graph's order.
    /// </summary>
    public static IReadOnlyList<ByteString> Of(ClosureGraph graph)
    {
        var referred = graph.Paths.SelectMany(info => info.References.Where(reference => reference != info.Path)).ToHashSet();
        var byPath = graph.Paths.ToDictionary(info => info.Path);
        var reached = new HashSet<ByteString>();
        var roots = new SortedSet<ByteString>();
        foreach (var (path, _, _) in graph.Paths.OrderBy(info => referred.Contains(info.Path)))
        {
            if (!reached.Contains(path)) roots.Add(path);
            Reach(path, byPath, reached);
        }

        return [.. roots];
    }

    private static void Reach(ByteString root, Dictionary<ByteString, StorePathInfo> byPath, HashSet<ByteString> reached)
    {
        var pending = new Stack<ByteString>([root]);
        while (pending.TryPop(out var path))
        {
            if (!reached.Add(path)) continue;
            foreach (var reference in byPath[path].References) pending.Push(reference);
        }
    }
}
