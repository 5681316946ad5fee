using OverlayImg.FileSystems;

namespace OverlayImg.Caching;

/// <summary>Adds trees to a hash, with everything that a script can see of them.</summary>
internal static class TreeHash
{
    private const int End = 0;
    private const int Entry = 1;

    /// <summary>
    /// Adds the nodes of a tree in the order of a walk: names, metadata with times, extended attributes, link targets and content.
    /// </summary>
    public static void Add(this CanonicalHash hash, FileTree tree, CancellationToken cancellationToken) => hash.Add(tree.Walk(), cancellationToken);

    /// <summary>Adds a list of entries. Hard links to one file count as different from equal files.</summary>
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
                // An implied directory gets the base image's metadata when the tree is applied to a base image.
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
