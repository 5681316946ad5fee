namespace OverlayImg.FileSystems.Comparison;

/// <summary>Compares two trees path by path. Content is read only where the trees refer to different byte ranges.</summary>
public static class TreeComparison
{
    /// <summary>Lists the paths that differ, in the order of <see cref="FileTree.Walk"/>.</summary>
    /// <param name="first">The tree before the change.</param>
    /// <param name="second">The tree after the change.</param>
    /// <param name="withTimes">Whether modification times are compared.</param>
    /// <exception cref="InputException">A file's content can't be read.</exception>
    public static async Task<IReadOnlyList<PathDifference>> CompareAsync(
        FileTree first, FileTree second, bool withTimes, CancellationToken cancellationToken)
    {
        var found = new List<PathDifference>();
        var contents = new List<OpenComparison>();
        var nodes = new NodeComparison(new HardLinkGroups(first), new HardLinkGroups(second), withTimes);
        foreach (var (path, before, after) in Pairs(first.Root, second.Root))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (before is null || after is null)
            {
                found.Add(new(path, before is null ? PathChange.Added : PathChange.Removed, []));
                continue;
            }

            var aspects = nodes.Compare(before, after);
            var content = NodeComparison.ContentsToCompare(before, after);
            if (content is var (one, other)) contents.Add(new(found.Count, one, other));
            if (content is not null || aspects.Count > 0) found.Add(new(path, PathChange.Changed, aspects));
        }

        var differences = new AspectDifference?[contents.Count];
        await Parallel.ForAsync(0, contents.Count, cancellationToken, (index, token) =>
        {
            differences[index] = ContentComparison.Compare(contents[index].First, contents[index].Second, token);
            return ValueTask.CompletedTask;
        });
        for (var index = 0; index < differences.Length; index++)
        {
            if (differences[index] is not { } difference) continue;
            var at = contents[index].Index;
            found[at] = found[at] with { Aspects = [.. found[at].Aspects, difference] };
        }

        return found.FindAll(difference => difference.Change != PathChange.Changed || difference.Aspects.Count > 0);
    }

    // Walks both trees at once, in name order. Each path comes once, with null for the tree that lacks it.
    private static IEnumerable<(ByteString Path, FileNode? First, FileNode? Second)> Pairs(DirectoryNode first, DirectoryNode second)
    {
        yield return (ByteString.Empty, first, second);
        var pending = new Stack<Level>([new(ByteString.Empty, first, second)]);
        while (pending.TryPeek(out var level))
        {
            if (!level.TryNext(out var name, out var before, out var after))
            {
                pending.Pop();
                continue;
            }

            var path = TreePath.Join(level.Path, name);
            yield return (path, before, after);
            if (before is DirectoryNode || after is DirectoryNode) pending.Push(new(path, before as DirectoryNode, after as DirectoryNode));
        }
    }

    private sealed class Level(ByteString path, DirectoryNode? first, DirectoryNode? second)
    {
        private readonly DirectoryEntry[] _first = first?.SortedEntries() ?? [];
        private readonly DirectoryEntry[] _second = second?.SortedEntries() ?? [];
        private int _nextFirst;
        private int _nextSecond;

        public ByteString Path => path;

        public bool TryNext(out ByteString name, out FileNode? first, out FileNode? second)
        {
            (name, first, second) = (ByteString.Empty, null, null);
            var (hasFirst, hasSecond) = (_nextFirst < _first.Length, _nextSecond < _second.Length);
            if (!hasFirst && !hasSecond) return false;
            var order = !hasFirst ? 1 : !hasSecond ? -1 : _first[_nextFirst].Name.CompareTo(_second[_nextSecond].Name);
            if (order <= 0) (name, first) = _first[_nextFirst++];
            if (order >= 0) (name, second) = _second[_nextSecond++];
            return true;
        }
    }

    private readonly record struct OpenComparison(int Index, FileContent First, FileContent Second);
}
