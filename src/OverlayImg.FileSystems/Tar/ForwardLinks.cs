namespace OverlayImg.FileSystems.Tar;

/// <summary>
/// The hard links of an archive that came before their targets. An unpacking program refuses such an archive, unless a lower layer has the target. The
/// reader accepts it and binds the links when all entries are read.
/// </summary>
internal sealed class ForwardLinks(TarPathResolver resolver)
{
    private readonly List<ForwardLinkNode> _links = [];
    private readonly Dictionary<ForwardLinkNode, FileNode?> _targets = new(ReferenceEqualityComparer.Instance);

    /// <summary>The node of a new link.</summary>
    public ForwardLinkNode Add(UnresolvedLink name, TarEntry entry)
    {
        // The records may be a mebibyte. Errors need the place and the name alone.
        entry.PaxRecords = PaxRecords.None;
        var link = new ForwardLinkNode(name.Metadata, name.Target, entry, [name]);
        _links.Add(link);
        return link;
    }

    /// <summary>Replaces the links of <paramref name="tree"/> by their targets, and removes and returns the links without a target.</summary>
    public IReadOnlyList<UnresolvedLink> Bind(FileTree tree, out bool anyBound)
    {
        var unresolved = new List<UnresolvedLink>();
        anyBound = false;
        foreach (var link in _links) _targets[link] = TargetOf(link);
        foreach (var link in _links)
        {
            foreach (var name in link.Names)
            {
                if (!ReferenceEquals(tree.Find(name.Path.Span), link)) continue;
                var parent = (DirectoryNode)tree.Find(TreePath.Parent(name.Path).Span)!;
                if (_targets[link] is { } target) parent.Set(TreePath.Name(name.Path), target);
                else
                {
                    parent.Remove(TreePath.Name(name.Path));
                    unresolved.Add(name);
                }

                anyBound |= _targets[link] is not null;
            }
        }

        return unresolved;
    }

    // A link may name another forward link. The whole chain gets the target at its end, so that each link is followed once.
    private FileNode? TargetOf(ForwardLinkNode link)
    {
        var chain = new HashSet<ForwardLinkNode>(ReferenceEqualityComparer.Instance);
        FileNode? node = link;
        while (node is ForwardLinkNode next)
        {
            if (_targets.TryGetValue(next, out node)) break;
            node = chain.Add(next) ? resolver.Find(next.Entry, next.Target) : null;
            // A directory that came after the link is not what the link names: that is a file of a lower layer, or missing.
            if (node is DirectoryNode) node = null;
        }

        foreach (var passed in chain) _targets[passed] = node;
        return node;
    }
}
