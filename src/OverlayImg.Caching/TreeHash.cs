using OverlayImg.FileSystems;

namespace OverlayImg.Caching;

/// <summary>Adds trees to a hash: all that a script can see of them.</summary>
internal static class TreeHash
{
    private const int End = 0;
    private const int Entry = 1;

    /// <summary>Adds the names, in the order of a walk, and what stands there: metadata with times, extended attributes, links and bytes.</summary>
    public static void Add(this CanonicalHash hash, FileTree tree, CancellationToken cancellationToken) => hash.Add(tree.Walk(), cancellationToken);

    /// <summary>Adds a list of entries. Names of the same file are told from those of equal files.</summary>
    public static void Add(this CanonicalHash hash, IEnumerable<TreeEntry> entries, CancellationToken cancellationToken)
    {
        var numbers = new Dictionary<FileNode, int>(ReferenceEqualityComparer.Instance);
        foreach (var (path, node) in entries)
        {
            hash.Add(Entry);
            hash.Add(path.Span);
            var isNew = numbers.TryAdd(node, numbers.Count);
            hash.Add(numbers[node]);
            if (isNew) Add(hash, node, cancellationToken);
        }

        hash.Add(End);
    }

    private static void Add(CanonicalHash hash, FileNode node, CancellationToken cancellationToken)
    {
        hash.Add((int)node.Type);
        hash.Add(node.Permissions);
        hash.Add(node.Uid);
        hash.Add(node.Gid);
        hash.Add(node.ModificationTime.Seconds);
        hash.Add(node.ModificationTime.Nanoseconds);
        hash.Add(node.ExtendedAttributes.Count);
        foreach (var (name, value) in node.ExtendedAttributes)
        {
            hash.Add(name.Span);
            hash.Add(value.Span);
        }

        switch (node)
        {
            case DirectoryNode directory:
                // What lands on a base takes the metadata of an implied one from there.
                hash.Add(directory.IsImplied ? 1 : 0);
                break;
            case RegularFileNode file:
                hash.Add(file.Content, cancellationToken);
                break;
            case SymbolicLinkNode link:
                hash.Add(link.Target.Span);
                break;
            case SpecialNode special:
                hash.Add(special.Major);
                hash.Add(special.Minor);
                break;
            default:
                throw new NotSupportedException($"A {node.GetType().Name} has no place in a finished tree.");
        }
    }
}
