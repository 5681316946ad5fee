namespace OverlayImg.FileSystems.Comparison;

/// <summary>The hard links of a tree: all names of each node that has several.</summary>
internal sealed class HardLinkGroups
{
    private readonly Dictionary<FileNode, List<ByteString>> _names = new(ReferenceEqualityComparer.Instance);

    /// <summary>Walks the whole <paramref name="tree"/> once and collects the hard links.</summary>
    public HardLinkGroups(FileTree tree)
    {
        var firstNames = new Dictionary<FileNode, ByteString>(ReferenceEqualityComparer.Instance);
        foreach (var (path, node) in tree.Walk())
        {
            if (node is DirectoryNode || firstNames.TryAdd(node, path)) continue;
            if (!_names.TryGetValue(node, out var names)) _names[node] = names = [firstNames[node]];
            names.Add(path);
        }
    }

    /// <summary>All names of <paramref name="node"/> in the order of <see cref="FileTree.Walk"/>, or null where the node has only one name.</summary>
    public IReadOnlyList<ByteString>? Of(FileNode node) => _names.GetValueOrDefault(node);

    /// <summary>"3 names, the first etc/passwd", or null where the node has only one name.</summary>
    public string? Describe(FileNode node) => Of(node) is { } names ? $"{names.Count} names, the first {names[0]}" : null;
}
