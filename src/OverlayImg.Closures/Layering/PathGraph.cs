using OverlayImg.FileSystems;

namespace OverlayImg.Closures.Layering;

/// <summary>The references between store paths, by index. References of a path to itself are left out.</summary>
internal sealed class PathGraph
{
    private readonly int[][] _references;
    private readonly int[][] _users;

    /// <summary>Creates the graph of a closure.</summary>
    public PathGraph(IReadOnlyList<StorePathInfo> paths)
    {
        var indices = new Dictionary<ByteString, int>();
        foreach (var (path, _, _) in paths) indices.Add(path, indices.Count);
        _references =
        [
            .. paths.Select(info =>
                info.References.Select(reference => indices[reference]).Where(index => index != indices[info.Path]).ToArray()),
        ];
        List<int>[] users = [.. paths.Select(_ => new List<int>())];
        for (var index = 0; index < _references.Length; index++)
        {
            foreach (var reference in _references[index]) users[reference].Add(index);
        }

        _users = [.. users.Select(list => list.ToArray())];
    }

    public int Count => _references.Length;

    /// <summary>Returns the paths that a path refers to.</summary>
    public int[] ReferencesOf(int path) => _references[path];

    /// <summary>Returns the paths that refer to a path.</summary>
    public int[] UsersOf(int path) => _users[path];

    /// <summary>Returns the paths that a path refers to, directly or indirectly, without the path itself.</summary>
    public HashSet<int> DependenciesOf(int path) => Reachable(path, _references);

    /// <summary>Returns the paths that refer to a path, directly or indirectly, without the path itself.</summary>
    public HashSet<int> DependentsOf(int path) => Reachable(path, _users);

    private static HashSet<int> Reachable(int path, int[][] next)
    {
        var reached = new HashSet<int>();
        var pending = new Stack<int>([path]);
        while (pending.TryPop(out var current))
        {
            foreach (var reference in next[current])
            {
                if (reached.Add(reference)) pending.Push(reference);
            }
        }

        reached.Remove(path);
        return reached;
    }
}
