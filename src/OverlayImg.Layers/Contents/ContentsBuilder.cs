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
