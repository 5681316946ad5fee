using OverlayImg.Closures;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Exclusions;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Images.Archives;

namespace OverlayImg.Layers.Contents;

/// <summary>Opens the directories and archives of the contents and merges them into one tree.</summary>
/// <param name="readArchive">Reads the archive at a path. The caller keeps the archive open while the tree is used.</param>
internal sealed class ContentsBuilder(ContentsOptions options, Func<string, FileTree> readArchive)
{
    /// <summary>The files that are left out of the item at a path; null for none.</summary>
    public Func<string, ExclusionList?> ExclusionsOf { get; init; } = _ => null;

    private readonly HostTreeOptions _host = new() { Uid = options.Uid ?? 0, Gid = options.Gid ?? 0, Xattrs = options.Xattrs };
    private readonly List<string> _warnings = [];

    /// <summary>Merges the contents at <paramref name="paths"/>; a later path wins.</summary>
    /// <exception cref="InputException">
    /// A path does not exist, or has an entry that a layer can't hold (<see cref="ContentsMerger.Merge"/>).
    /// </exception>
    /// <exception cref="MachineException">A file or directory of the host can't be read.</exception>
    public ContentsResult Build(IEnumerable<string> paths, CancellationToken cancellationToken)
    {
        var items = paths.Select(path => Open(path, cancellationToken));
        var result = ContentsMerger.Merge(items, options, path => HostTree.ReadNode(path, _host, cancellationToken), cancellationToken);
        return result with { Warnings = [.. _warnings, .. result.Warnings] };
    }

    /// <summary>Reads a file or directory that is copied. A link that the user named is followed.</summary>
    /// <param name="readPipe">Reads a pipe to its end. The caller keeps the content open while the tree is used.</param>
    /// <exception cref="InputException">
    /// The path does not exist, is no file, directory or pipe, or has an entry that a layer can't hold.
    /// </exception>
    /// <exception cref="MachineException">A file or directory of the host can't be read.</exception>
    public ContentsPart ReadCopy(ContentsSource source, Func<string, FileContent> readPipe, CancellationToken cancellationToken)
    {
        // The owners depend on the base image, and are set when the part is applied.
        var merging = options with { Uid = null, Gid = null, Dialect = options.Dialect with { ContentsDescribeRoot = false } };
        var host = _host with { Uid = 0, Gid = 0 };
        var path = source.Path;
        var (item, isDirectory) = HostTree.TypeOf(path) switch
        {
            FileType.Directory => (DirectoryToCopy(path, host, cancellationToken), true),
            FileType.RegularFile => (FileToCopy(path, Node(path, host, cancellationToken)), false),
            FileType.Fifo => (FileToCopy(path, new RegularFileNode(Metadata.DefaultFile, readPipe(path))), false),
            null => throw IsMissing(path),
            _ => throw new InputException("is a device or a socket, and only files, directories and pipes can be copied", new(path)),
        };
        var merged = ContentsMerger.Merge([item], merging, store => HostTree.ReadNode(store, host, cancellationToken), cancellationToken);
        return new(merged, source) { IsDirectory = isDirectory };
    }

    private ContentsItem DirectoryToCopy(string path, HostTreeOptions host, CancellationToken cancellationToken) =>
        new(path, HostTree.Read(path, host with { Exclusions = ExclusionsOf(path) }, cancellationToken), HostTree.RealPath(path));

    private static ContentsItem FileToCopy(string path, FileNode node)
    {
        var root = new DirectoryNode(Metadata.DefaultDirectory, isImplied: true);
        root.Set(TreePath.Name(ByteString.FromText(path)), node);
        return new(path, new(root), HostPath: null);
    }

    private static FileNode Node(string path, HostTreeOptions host, CancellationToken cancellationToken) =>
        (HostTree.RealPath(path) is { } real ? HostTree.ReadNode(real, host, cancellationToken) : null) ?? throw IsMissing(path);

    private static InputException IsMissing(string path)
    {
        // SRC:DST is one word, in which a shell expands no pattern.
        const string Patterns = "A shell expands patterns only in words of their own. Copy the directory, or each file by its name.";
        return new("does not exist", new(path))
        {
            Advice = new(path.AsSpan().IndexOfAny("*?[") >= 0 ? Patterns : "Give a file or a directory.", LayerSetting.Copies),
        };
    }

    private ContentsItem Open(string path, CancellationToken cancellationToken)
    {
        if (Directory.Exists(path)) return OpenDirectory(path, cancellationToken);
        if (!File.Exists(path)) throw new InputException("does not exist", new(path)) { Advice = "Give a directory or a tar archive." };
        var tree = readArchive(path);
        return RequireFiles(new(path, ExclusionsOf(path)?.ApplyTo(tree, cancellationToken) ?? tree, HostPath: null));
    }

    private ContentsItem OpenDirectory(string path, CancellationToken cancellationToken)
    {
        var hostPath = HostTree.RealPath(path);
        var host = _host with { Exclusions = ExclusionsOf(path) };
        if (!options.AreRootFileSystem || !options.Dialect.KeepsOwners)
            return RequireFiles(Item(path, HostTree.Read(path, host, cancellationToken), hostPath));
        var root = HostTree.Read(path, host with { Uid = null, Gid = null }, cancellationToken);
        if (root.Root is { Uid: 0, Gid: 0 }) return new(path, root, hostPath) { DescribesItself = true };
        // Only root can unpack owners. All files in another user's directory belong to that user, setuid programs included.
        if (options is { Uid: null, Gid: null })
        {
            _warnings.Add($"{path}: the directory belongs to user {root.Root.Uid}, so the owners in the root file system are unknown, " +
                "and root owns every file in the layer. A tar archive keeps the owners.");
        }

        return Item(path, root, hostPath);
    }

    private static ContentsItem RequireFiles(ContentsItem item) => ImageShape.Of(item.Tree) is not { } shape ? item
        : throw new InputException($"is {shape} and not the files of a file system", new(item.Name))
        {
            Advice = "Use the image as the base image, or give the tar that 'overlayimg export' makes of the image as contents.",
        };

    private ContentsItem Item(string path, FileTree tree, ByteString? hostPath)
    {
        // symlinkJoin uses the path that the user named. A store path that is itself a symbolic link is not resolved,
        // because the image needs the link.
        return options.LinksIntoStore && StoreLinks.Enter(path, StorePaths.Directory(options.StoreDirectory)) is { } storePath
            ? new(path, SymlinkJoin.Of(tree, storePath, options), hostPath, IsJoined: true)
            : new(path, tree, hostPath);
    }
}
