using System.Globalization;

namespace OverlayImg.FileSystems.Tar;

/// <summary>
/// Puts the entries of an archive together: the last entry of a path wins, a directory keeps its names when it comes again, and hard
/// links are resolved at the end where their targets come later.
/// </summary>
internal sealed class TarTreeBuilder(TarErrors errors)
{
    private const int MostWarnings = 100;

    private readonly List<string> _warnings = [];
    private readonly List<ForwardLinkNode> _forwardLinks = [];
    private readonly TarPathResolver _resolver = new(new(Metadata.DefaultDirectory, isImplied: true), errors);

    /// <summary>Notes what the user may want to know.</summary>
    public void Warn(TarEntry entry, string what)
    {
        if (_warnings.Count == MostWarnings) return;
        _warnings.Add(string.Create(CultureInfo.InvariantCulture, $"{entry.RawName} (byte {entry.HeaderOffset}), {what}"));
    }

    /// <summary>Adds a node that is no directory.</summary>
    public void Add(TarEntry entry, FileNode node)
    {
        var path = Clean(entry, entry.RawName);
        if (path.IsEmpty) throw errors.At(entry, "the root of the archive is not a directory");
        var parent = _resolver.MakeParent(entry, path);
        Set(entry, parent, TreePath.Name(path), node);
    }

    /// <summary>Adds a directory, or gives one that is there its metadata.</summary>
    public void AddDirectory(TarEntry entry, Metadata metadata)
    {
        var path = Clean(entry, entry.RawName);
        if (path.IsEmpty)
        {
            _resolver.Root = (DirectoryNode)_resolver.Root.WithMetadata(metadata);
            return;
        }

        var (parent, name) = (_resolver.MakeParent(entry, path), TreePath.Name(path));
        if (parent.Find(name) is not DirectoryNode present) Set(entry, parent, name, new DirectoryNode(metadata));
        else
        {
            if (!present.IsImplied) WarnOfDuplicate(entry);
            parent.Set(name, present.WithMetadata(metadata));
        }
    }

    /// <summary>Adds another name of a node that is there already, or that may still come.</summary>
    public void AddHardLink(TarEntry entry, Metadata metadata)
    {
        var (path, target) = (Clean(entry, entry.RawName), Clean(entry, entry.LinkName));
        if (path.IsEmpty) throw errors.At(entry, "the root of the archive is not a directory");
        var parent = _resolver.MakeParent(entry, path);
        var name = TreePath.Name(path);
        var node = _resolver.Find(entry, target);
        if (node is DirectoryNode) throw errors.At(entry, $"a hard link leads to the directory {target}");
        if (node is null or ForwardLinkNode)
        {
            var link = new ForwardLinkNode(metadata, TreePath.Join(_resolver.PathOfLastParent, name), target, entry);
            _forwardLinks.Add(link);
            node = link;
        }
        else if (ReferenceEquals(node, parent.Find(name)))
        {
            return;
        }

        Set(entry, parent, name, node);
    }

    /// <summary>Resolves the links that were ahead of their targets, and hands the tree over.</summary>
    public TarTreeResult Complete()
    {
        var tree = new FileTree(_resolver.Root);
        // A link may lead to a link that was ahead of its own target: go on as long as that resolves some.
        var pending = _forwardLinks.FindAll(link => ReferenceEquals(tree.Find(link.Path.Span), link));
        var before = int.MaxValue;
        while (pending.Count > 0 && pending.Count < before)
        {
            before = pending.Count;
            pending.RemoveAll(TryResolve);
        }

        foreach (var link in pending) ParentOf(tree, link).Remove(TreePath.Name(link.Path));
        return new(tree, [.. pending.Select(link => new UnresolvedLink(link.Path, link.Target, link.Metadata, link.Entry.HeaderOffset))], _warnings);
    }

    private static DirectoryNode ParentOf(FileTree tree, ForwardLinkNode link) => (DirectoryNode)tree.Find(TreePath.Parent(link.Path).Span)!;

    private bool TryResolve(ForwardLinkNode link)
    {
        var node = _resolver.Find(link.Entry, link.Target);
        if (node is DirectoryNode) throw errors.At(link.Entry, $"a hard link leads to the directory {link.Target}");
        if (node is null or ForwardLinkNode) return false;
        ParentOf(new(_resolver.Root), link).Set(TreePath.Name(link.Path), node);
        return true;
    }

    private void Set(TarEntry entry, DirectoryNode parent, ByteString name, FileNode node)
    {
        if (parent.Find(name) is { } present)
        {
            WarnOfDuplicate(entry);
            if (present is DirectoryNode or SymbolicLinkNode) _resolver.ForgetLastParent();
        }

        parent.Set(name, node);
    }

    private ByteString Clean(TarEntry entry, ByteString name)
    {
        var path = TarPath.Clean(name);
        return path.Length <= TreePath.MaximumLength ? path : throw errors.At(entry, $"a path is longer than {TreePath.MaximumLength} bytes");
    }

    private void WarnOfDuplicate(TarEntry entry) => Warn(entry, "which was there before, takes the place of the earlier entry");
}
