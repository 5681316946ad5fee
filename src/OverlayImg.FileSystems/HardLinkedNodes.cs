namespace OverlayImg.FileSystems;

/// <summary>The nodes of a tree that stand under several names, and the name under which each was written first.</summary>
internal sealed class HardLinkedNodes
{
    private readonly Dictionary<FileNode, ByteString> _firstNames = new(ReferenceEqualityComparer.Instance);

    /// <summary>Finds them: of every kind, or of the kinds that GNU tar links.</summary>
    public HardLinkedNodes(FileTree tree, bool ofEveryKind)
    {
        var seen = new HashSet<FileNode>(ReferenceEqualityComparer.Instance);
        var directories = new Stack<DirectoryNode>([tree.Root]);
        while (directories.TryPop(out var directory))
        {
            foreach (var (_, node) in directory.UnsortedEntries)
            {
                if (node is DirectoryNode child) directories.Push(child);
                else if ((ofEveryKind || node is RegularFileNode or SymbolicLinkNode) && !seen.Add(node)) _firstNames[node] = ByteString.Empty;
            }
        }
    }

    /// <summary>
    /// The name that <paramref name="node"/> was written under before, or empty where it was not; then <paramref name="name"/> is it from now on.
    /// </summary>
    public ByteString FirstNameOf(FileNode node, ByteString name)
    {
        if (!_firstNames.TryGetValue(node, out var first)) return ByteString.Empty;
        if (first.IsEmpty) _firstNames[node] = name;
        return first;
    }
}
