using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Builders.Contents;

/// <summary>Opens the directories and archives of <c>--contents</c> and makes one tree of them (spec/dockertools.md 1.9, step 1).</summary>
/// <param name="options">How.</param>
/// <param name="readArchive">Reads the archive at a path; its content stays in a source that the caller keeps open while the tree is used.</param>
internal sealed class ContentsBuilder(ContentsOptions options, Func<string, FileTree> readArchive)
{
    private readonly HostTreeOptions _host = new() { Uid = options.Uid, Gid = options.Gid, Xattrs = options.Xattrs };

    /// <summary>Makes the tree.</summary>
    /// <exception cref="InputException">A path doesn't exist, or holds what can't be in a layer (<see cref="ContentsMerger.Merge"/>).</exception>
    /// <exception cref="MachineException">Something may not be read.</exception>
    public ContentsResult Build(IEnumerable<string> paths, CancellationToken cancellationToken)
    {
        var items = paths.Select(path => Open(path, cancellationToken));
        return ContentsMerger.Merge(items, options, path => HostTree.ReadNode(path, _host, cancellationToken), cancellationToken);
    }

    private ContentsItem Open(string path, CancellationToken cancellationToken)
    {
        if (Directory.Exists(path)) return Item(path, HostTree.Read(path, _host, cancellationToken), HostTree.RealPath(path));
        if (!File.Exists(path)) throw new InputException("does not exist", new(path)) { Advice = "Give a directory or a tar archive." };
        return new(path, readArchive(path), HostPath: null);
    }

    private ContentsItem Item(string path, FileTree tree, ByteString? hostPath)
    {
        // By the path that the user named, as symlinkJoin does: a store path that is a symbolic link is a path that the image needs.
        return options.LinksIntoStore && StoreLinks.Enter(path, StorePaths.Directory(options.StoreDirectory)) is { } place
            ? new(path, SymlinkJoin.Of(tree, place, options), hostPath, IsJoined: true)
            : new(path, tree, hostPath);
    }
}
