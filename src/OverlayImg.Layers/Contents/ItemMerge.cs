using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Overlay;

namespace OverlayImg.Layers.Contents;

/// <summary>Merges one contents item into the target.</summary>
/// <param name="item">The item.</param>
/// <param name="root">The root of the target.</param>
/// <param name="options">How the item is merged.</param>
/// <param name="scope">Resolves the item's symbolic links.</param>
/// <param name="warnings">Gets the warnings.</param>
/// <param name="ownerless">Directories of the target whose owner the tool chose (<see cref="ContentsResult.OwnerlessDirectories"/>).</param>
/// <param name="cancellationToken">Looked at for each file.</param>
internal sealed class ItemMerge(
    ContentsItem item, DirectoryNode root, ContentsOptions options, LinkScope scope, List<string> warnings, HashSet<ByteString> ownerless,
    CancellationToken cancellationToken)
{
    /// <summary>
    /// Two links to the next directory in each of 30 directories would make a billion files. So much, behind links, is an accident or an attack.
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

    /// <summary>A directory of the source, being merged into one of the target.</summary>
    /// <param name="Source">What is merged.</param>
    /// <param name="SourcePath">Where it really stands, for the links in it (<see cref="LinkScope"/>).</param>
    /// <param name="Path">By which names we came, for messages.</param>
    /// <param name="TargetPath">Where it goes.</param>
    /// <param name="IsBehindLink">Whether one of these names is a link.</param>
    private sealed record Frame(DirectoryNode Source, ByteString SourcePath, ByteString Path, ByteString TargetPath, bool IsBehindLink)
    {
        /// <summary>The directories in it that are still to be merged.</summary>
        public Queue<Frame> Pending { get; } = new();
    }

    /// <summary>Merges, and gives the root of the target, which is another node when it got other metadata.</summary>
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
            warnings.Add($"{item.Name}: {files}: in the layer root owns every file");
        }

        if (_copiedLinks > 0 && options.ReportsCopiedLinks)
        {
            var links = Counted.Of(_copiedLinks, "symbolic link to a directory becomes a copy of it", "symbolic links to directories become copies of them");
            warnings.Add($"{item.Name}: {links}; the first is {_firstCopiedLink}");
        }

        return _target.Root;
    }

    // As rsync goes: into a directory when its turn comes, and there first to what is no directory.
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

    /// <summary>The directory that a node is or, with <c>-k</c>, leads to, and where that stands; null for what stays as it is.</summary>
    private (DirectoryNode? Directory, ByteString Path) Follow(Frame frame, ByteString name, FileNode node, ByteString path)
    {
        if (node is DirectoryNode directory) return (directory, TreePath.Join(frame.SourcePath, name));
        if (node is not SymbolicLinkNode link || options.KeepDirectoryLinks) return default;
        if (scope.Resolve(frame.SourcePath, link) is { } resolution)
        {
            _copiedLinks++;
            _firstCopiedLink ??= path;
            return (resolution.Directory, resolution.Path);
        }

        WarnOfDirectory(LinkScope.TargetPath(frame.SourcePath, link), link, path);
        return default;
    }

    private void WarnOfDirectory(ByteString targetPath, SymbolicLinkNode link, ByteString path)
    {
        // A relative link that leads out of an archive leads nowhere on this host.
        var isOnHost = item.HostPath is not null || link.Target.Span.StartsWith("/"u8);
        if (!isOnHost || !HostTree.IsDirectory(new([(byte)'/', .. targetPath.Span]))) return;
        warnings.Add($"{item.Name}: {path} stays a link: {link.Target} is a directory outside the contents and the store, and is not copied");
    }

    // The top directory of an item is where the contents are. It is no part of them unless the item is a whole file system.
    private bool IsDescribed(Frame frame) =>
        !frame.Source.IsImplied && (!frame.TargetPath.IsEmpty || options.Dialect.ContentsDescribeRoot || item.DescribesItself);

    // Whether files of a directory are links of each other is chance: stores and build caches link equal files to save space.
    private static bool KeepsHardLinks(ContentsItem item, ContentsOptions options) =>
        options.KeepHardLinks || (options.Dialect.KeepsHardLinks && item.DescribesItself);

    private void NoteOwner(Frame frame)
    {
        if (!options.Dialect.KeepsOwners || !IsDescribed(frame)) return;
        if (_keepsOwners && options is { Uid: null, Gid: null }) ownerless.Remove(frame.TargetPath);
        else ownerless.Add(frame.TargetPath);
    }

    // A file that is reached through a symbolic link is a copy and no other name of the original.
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
        new("is a symbolic link to a directory that it lies in, and would be copied without end", Where(path))
        {
            Advice = new("Remove it, or keep links as they are.", LayerSetting.KeepDirlinks),
        };

    private InputException TooMuch(ByteString path) =>
        new($"leads, through symbolic links to directories, to more than {MaximumBehindLinks} copies of files", Where(path))
        {
            Advice = new("Keep links as they are.", LayerSetting.KeepDirlinks),
        };

    private InputLocation Where(ByteString path) => new(item.Name, Path: path.ToString());
}
