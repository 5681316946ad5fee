namespace OverlayImg.FileSystems.Comparison;

/// <summary>The nodes of a tree that stand under several names, and these names.</summary>
internal sealed class HardLinkGroups
{
    private readonly Dictionary<FileNode, List<ByteString>> _names = new(ReferenceEqualityComparer.Instance);

    /// <summary>Finds them.</summary>
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

    /// <summary>All names of <paramref name="node"/> in the order of a walk, or null where it has only one.</summary>
    public IReadOnlyList<ByteString>? Of(FileNode node) => _names.GetValueOrDefault(node);

    /// <summary>The group in a few words.</summary>
    public string? Describe(FileNode node) => Of(node) is { } names ? $"{names.Count} names, the first {names[0]}" : null;
}
