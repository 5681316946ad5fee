using System.Globalization;

namespace OverlayImg.FileSystems.Tar;

/// <summary>
/// Builds the tree of an archive's entries. The last entry of a path wins, and a repeated directory keeps its contents. A hard link refers to the
/// node that its target has at that moment, in the entries so far or else in the lower files.
/// </summary>
internal sealed class TarTreeBuilder
{
    private const int MostWarnings = 100;

    private readonly List<string> _warnings = [];
    private readonly TarErrors _errors;
    private readonly TreeBudget _budget;
    private readonly LowerFiles? _lower;
    private readonly TarPathResolver _resolver;
    private readonly ForwardLinks _forwardLinks;

    public TarTreeBuilder(TarErrors errors, TreeBudget budget, LowerFiles? lower)
    {
        (_errors, _budget, _lower) = (errors, budget, lower);
        _resolver = new(new(Metadata.DefaultDirectory, isImplied: true), errors, budget);
        _forwardLinks = new(_resolver);
    }

    /// <summary>Adds a warning about an entry, up to a maximum number.</summary>
    public void Warn(TarEntry entry, string what)
    {
        if (_warnings.Count == MostWarnings) return;
        _warnings.Add(string.Create(CultureInfo.InvariantCulture, $"{entry.RawName} (byte {entry.HeaderOffset}), {what}"));
    }

    /// <summary>Adds a node that is not a directory.</summary>
    public void Add(TarEntry entry, FileNode node)
    {
        var path = Clean(entry, entry.RawName);
        if (path.IsEmpty) throw _errors.At(entry, "the root of the archive is not a directory");
        var parent = _resolver.MakeParent(entry, path);
        Set(entry, parent, TreePath.Name(path), node);
    }

    /// <summary>Adds a directory, or replaces the metadata of an existing directory.</summary>
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

    /// <summary>Adds a hard link to an earlier entry, to a lower file, or to an entry that may follow.</summary>
    public void AddHardLink(TarEntry entry, Metadata metadata)
    {
        var (path, target) = (Clean(entry, entry.RawName), Clean(entry, entry.LinkName));
        if (path.IsEmpty) throw _errors.At(entry, "the root of the archive is not a directory");
        var parent = _resolver.MakeParent(entry, path);
        var name = TreePath.Name(path);
        var node = _resolver.Find(entry, target);
        if (node is DirectoryNode) throw _errors.At(entry, $"a hard link leads to the directory {target}");
        if (node is not null && ReferenceEquals(node, parent.Find(name))) return;
        if (!_budget.TryTake(path.Length + target.Length)) throw _errors.At(entry, TreeBudget.Excess);
        node ??= FindInLower(target);
        if (node is null or ForwardLinkNode)
        {
            var link = new UnresolvedLink(TreePath.Join(_resolver.PathOfLastParent, name), target, metadata, entry.HeaderOffset);
            if (node is ForwardLinkNode known) known.Names.Add(link);
            else node = _forwardLinks.Add(link, entry);
        }

        Set(entry, parent, name, node);
    }

    /// <summary>Resolves the links that precede their targets, and returns the finished tree.</summary>
    public TarTreeResult Complete()
    {
        var tree = new FileTree(_resolver.Root);
        var unresolved = _forwardLinks.Bind(tree, out var anyBound);
        return new(tree.Finish(), unresolved, _warnings) { HasLinksAheadOfTargets = anyBound };
    }

    // A placeholder in the path is not a directory, so nothing can be below it.
    private FileNode? FindInLower(ByteString target)
    {
        if (_lower is null) return null;
        var found = new TreeResolver(new(_resolver.Root), _lower.Tree, _lower.IsHidden).Resolve(target, followLast: false);
        return found is { Outcome: ResolutionOutcome.Found, Node: not (DirectoryNode or ForwardLinkNode) } ? found.Node : null;
    }

    private void Set(TarEntry entry, DirectoryNode parent, ByteString name, FileNode node)
    {
        if (!_budget.TryTake(name.Length)) throw _errors.At(entry, TreeBudget.Excess);
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
        return path.Length <= TreePath.MaximumLength ? path : throw _errors.At(entry, $"a path is longer than {TreePath.MaximumLength} bytes");
    }

    private void WarnOfDuplicate(TarEntry entry) => Warn(entry, "which came before, replaces the earlier entry");
}
