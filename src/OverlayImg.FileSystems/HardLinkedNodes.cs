namespace OverlayImg.FileSystems;

/// <summary>The nodes of a tree that have several names, each with the name under which a writer wrote the node first.</summary>
internal sealed class HardLinkedNodes
{
    private readonly Dictionary<FileNode, ByteString> _firstNames = new(ReferenceEqualityComparer.Instance);

    /// <summary>Searches the tree for nodes of every type, or only for regular files and symbolic links, as GNU tar does.</summary>
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
    /// Returns the name under which <paramref name="node"/> was written before. At the first call for a node with several names the result is
    /// empty, and <paramref name="name"/> becomes the first name. For a node with one name the result is always empty.
    /// </summary>
    public ByteString FirstNameOf(FileNode node, ByteString name)
    {
        if (!_firstNames.TryGetValue(node, out var first)) return ByteString.Empty;
        if (first.IsEmpty) _firstNames[node] = name;
        return first;
    }
}
