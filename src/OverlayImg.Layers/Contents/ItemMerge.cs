using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Overlay;

namespace OverlayImg.Layers.Contents;

/// <summary>Merges one item of the contents into the target tree.</summary>
/// <param name="warnings">Warnings are added to this list.</param>
/// <param name="ownerless">
/// Updated with the directories of the target whose owner the item does not specify
/// (<see cref="ContentsResult.OwnerlessDirectories"/>).
/// </param>
internal sealed class ItemMerge(
    ContentsItem item, DirectoryNode root, ContentsOptions options, LinkScope scope, List<string> warnings, HashSet<ByteString> ownerless,
    CancellationToken cancellationToken)
{
    /// <summary>
    /// The largest number of entries that may be reached through symbolic links. Without a limit, two links to the next
    /// directory in each of 30 directories would make a billion files.
    /// </summary>
    private const int MaximumBehindLinks = 10_000_000;

    private readonly TargetTree _target = new(root, item.Name);
    private readonly Stack<Frame> _frames = new();
    private readonly Dictionary<FileNode, FileNode>? _taken = KeepsHardLinks(item, options) ? new(ReferenceEqualityComparer.Instance) : null;
    private readonly bool _keepsOwners = options.Dialect.KeepsOwners && item.DescribesItself;
    private readonly HashSet<DirectoryNode> _entered = new(ReferenceEqualityComparer.Instance);
    private int _behindLinks;
    private int _changedOwners;
    private int _copiedLinks;
    private ByteString? _firstCopiedLink;

    /// <summary>A directory of the item that is being merged into a directory of the target.</summary>
    /// <param name="SourcePath">
    /// Path without symbolic links, which the links in the directory are relative to (<see cref="LinkScope"/>).
    /// </param>
    /// <param name="Path">Path with the item's own names, for messages.</param>
    /// <param name="TargetPath">Path in the target.</param>
    /// <param name="IsBehindLink">Whether <paramref name="Path"/> leads through a symbolic link.</param>
    private sealed record Frame(DirectoryNode Source, ByteString SourcePath, ByteString Path, ByteString TargetPath, bool IsBehindLink)
    {
        /// <summary>The subdirectories that still have to be merged.</summary>
        public Queue<Frame> Pending { get; } = new();
    }

    /// <summary>Merges the item and returns the root of the target, which is a new node if its metadata changed.</summary>
    public DirectoryNode Run()
    {
        Enter(new(item.Tree.Root, scope.ItemPath, ByteString.Empty, ByteString.Empty, IsBehindLink: false));
        while (_frames.TryPeek(out var frame))
        {
            if (frame.Pending.TryDequeue(out var next)) Enter(next);
            else _entered.Remove(_frames.Pop().Source);
        }

        if (_changedOwners > 0)
        {
            var files = Counted.Of(_changedOwners, "file loses its owner", "files lose their owners");
            warnings.Add($"{item.Name}: {files}: in the layer root owns every file.");
        }

        if (_copiedLinks > 0 && options.ReportsCopiedLinks)
        {
            var links = Counted.Of(
                _copiedLinks, "symbolic link to a directory becomes a copy of it", "symbolic links to directories become copies of them");
            warnings.Add($"{item.Name}: {links}; the first is {_firstCopiedLink}.");
        }

        return _target.Root;
    }

    // The order is rsync's: the other entries of a directory come before its subdirectories.
    private void Enter(Frame frame)
    {
        if (!_entered.Add(frame.Source)) throw Circle(frame.Path);
        if (options.KeepDirectoryLinks) frame = frame with { TargetPath = _target.FollowLink(frame.TargetPath) };
        _frames.Push(frame);
        NoteOwner(frame);
        var target = _target.MakeDirectory(frame.TargetPath, Owned(frame.Source, frame.Path), IsDescribed(frame));
        foreach (var (name, node) in frame.Source.SortedEntries())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (frame.IsBehindLink && ++_behindLinks > MaximumBehindLinks) throw TooMuch(frame.Path);
            var path = TreePath.Join(frame.Path, name);
            LayerRules.Check(item.Name, path, node);
            var (directory, sourcePath) = Follow(frame, name, node, path);
            if (directory is null)
            {
                _target.Place(target, name, path, Taken(node, path, frame.IsBehindLink));
                continue;
            }

            var isBehindLink = frame.IsBehindLink || directory != node;
            frame.Pending.Enqueue(new(directory, sourcePath, path, TreePath.Join(frame.TargetPath, name), isBehindLink));
        }
    }

    /// <summary>
    /// Returns the directory that a node is or (with rsync's <c>-k</c>) leads to, and its path; null for a node that is kept as it is.
    /// </summary>
    private (DirectoryNode? Directory, ByteString Path) Follow(Frame frame, ByteString name, FileNode node, ByteString path)
    {
        if (node is DirectoryNode directory) return (directory, TreePath.Join(frame.SourcePath, name));
        if (node is not SymbolicLinkNode link || options.KeepDirectoryLinks) return default;
        if (scope.Resolve(frame.SourcePath, link) is { } resolution)
        {
            if (resolution.Directory is not null)
            {
                _copiedLinks++;
                _firstCopiedLink ??= path;
            }

            return (resolution.Directory, resolution.Path);
        }

        WarnOfDirectory(LinkScope.TargetPath(frame.SourcePath, link), link, path);
        return default;
    }

    private void WarnOfDirectory(ByteString targetPath, SymbolicLinkNode link, ByteString path)
    {
        // A relative link that leads out of an archive has no target on this host.
        var isOnHost = item.HostPath is not null || link.Target.Span.StartsWith("/"u8);
        if (!isOnHost || !HostTree.IsDirectory(new([(byte)'/', .. targetPath.Span]))) return;
        warnings.Add($"{item.Name}: {path} stays a link: {link.Target} is a directory outside the contents and the store, and is not copied.");
    }

    // The top directory of an item contains the contents but is not part of them, unless the item is a whole file system.
    private bool IsDescribed(Frame frame) =>
        !frame.Source.IsImplied && (!frame.TargetPath.IsEmpty || options.Dialect.ContentsDescribeRoot || item.DescribesItself);

    // Hard links in a host directory can be accidental: stores and build caches link equal files to save space.
    private static bool KeepsHardLinks(ContentsItem item, ContentsOptions options) =>
        options.KeepHardLinks || (options.Dialect.KeepsHardLinks && item.DescribesItself);

    private void NoteOwner(Frame frame)
    {
        if (!options.Dialect.KeepsOwners || !IsDescribed(frame)) return;
        if (_keepsOwners && options is { Uid: null, Gid: null }) ownerless.Remove(frame.TargetPath);
        else ownerless.Add(frame.TargetPath);
    }

    // A file that is reached through a symbolic link is a copy, not another hard link to the original.
    private FileNode Taken(FileNode node, ByteString path, bool isBehindLink)
    {
        if (_taken is null || isBehindLink) return node.WithMetadata(Owned(node, path));
        if (!_taken.TryGetValue(node, out var taken)) _taken[node] = taken = node.WithMetadata(Owned(node, path));
        return taken;
    }

    private Metadata Owned(FileNode node, ByteString path)
    {
        var uid = options.Uid ?? (_keepsOwners ? node.Uid : 0);
        var gid = options.Gid ?? (_keepsOwners ? node.Gid : 0);
        if (item.HostPath is null && ((options.Uid is null && uid != node.Uid) || (options.Gid is null && gid != node.Gid))) _changedOwners++;
        return node.Metadata with { Uid = uid, Gid = gid, ExtendedAttributes = Attributes(node, path) };
    }

    private ExtendedAttributes Attributes(FileNode node, ByteString path)
    {
        if (!options.Xattrs) return ExtendedAttributes.None;
        var attributes = OverlayForm.Plain(node.ExtendedAttributes);
        if (attributes.Count != node.ExtendedAttributes.Count) warnings.Add($"{item.Name}: {path}: {OverlayForm.LeftOut}");
        return attributes;
    }

    private InputException Circle(ByteString path) =>
        new("is a symbolic link to a directory that contains the link, so copying the directory would never end", Where(path))
        {
            Advice = new("Remove the link, or keep symbolic links to directories.", LayerSetting.KeepDirlinks),
        };

    private InputException TooMuch(ByteString path) =>
        new($"leads, through symbolic links to directories, to more than {MaximumBehindLinks} copies of files", Where(path))
        {
            Advice = new("Keep symbolic links to directories.", LayerSetting.KeepDirlinks),
        };

    private InputLocation Where(ByteString path) => new(item.Name, Path: path.ToString());
}
