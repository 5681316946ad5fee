namespace OverlayImg.FileSystems.Tar;

/// <summary>
/// The hard links of an archive that precede their targets. Programs that unpack such an archive refuse it, unless a lower layer has the target.
/// The reader accepts the links and resolves them after the last entry.
/// </summary>
internal sealed class ForwardLinks(TarPathResolver resolver)
{
    private readonly List<ForwardLinkNode> _links = [];
    private readonly Dictionary<ForwardLinkNode, FileNode?> _targets = new(ReferenceEqualityComparer.Instance);

    /// <summary>Makes the placeholder of a new link.</summary>
    public ForwardLinkNode Add(UnresolvedLink name, TarEntry entry)
    {
        // Drops the records, which may have a mebibyte. Errors need only offset and name.
        entry.PaxRecords = PaxRecords.None;
        var link = new ForwardLinkNode(name.Metadata, name.Target, entry, [name]);
        _links.Add(link);
        return link;
    }

    /// <summary>Replaces the placeholders in <paramref name="tree"/> with their targets. Removes and returns the links without a target.</summary>
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

    // A link's target may be another placeholder. All links of such a chain get the target at its end, so that each link is followed once.
    private FileNode? TargetOf(ForwardLinkNode link)
    {
        var chain = new HashSet<ForwardLinkNode>(ReferenceEqualityComparer.Instance);
        FileNode? node = link;
        while (node is ForwardLinkNode next)
        {
            if (_targets.TryGetValue(next, out node)) break;
            node = chain.Add(next) ? resolver.Find(next.Entry, next.Target) : null;
            // A directory that came after the link is not its target. The target is in a lower layer, or is missing.
            if (node is DirectoryNode) node = null;
        }

        foreach (var passed in chain) _targets[passed] = node;
        return node;
    }
}
