using OverlayImg.Closures;
using OverlayImg.FileSystems;
using OverlayImg.Layers.Contents;

namespace OverlayImg.Layers.Ready;

/// <summary>Finds programs in an image: in the directories that distributions use, and in the image's store paths.</summary>
internal sealed class ProgramSearch(FileTree layer, FileTree? mergedBase, LayerContents contents)
{
    private const int ExecutableByAll = 0x49 /* 0111 */;

    private static readonly string[] Directories = ["bin", "usr/bin", "usr/local/bin"];

    private readonly TreeResolver _resolver = new(layer, mergedBase);

    /// <summary>Returns the absolute path of the first of <paramref name="names"/> that the image has; null if it has none.</summary>
    public ByteString? Find(IEnumerable<string> names)
    {
        var directories = Directories.Select(ByteString.FromText).Concat(StoreDirectories()).ToArray();
        var paths = names.SelectMany(name => directories.Select(directory => TreePath.Join(directory, ByteString.FromText(name))));
        foreach (var path in paths)
        {
            if (IsProgram(path)) return new([(byte)'/', .. path.Span]);
        }

        return null;
    }

    private bool IsProgram(ByteString path)
    {
        if (IsInStore(path)) return true;
        var (outcome, _, node) = _resolver.Resolve(path);
        return outcome == ResolutionOutcome.Found && node is RegularFileNode && (node.Permissions & ExecutableByAll) != 0;
    }

    // A link into the store counts as a program, although the store's files are in no tree here.
    private bool IsInStore(ByteString path) =>
        contents.LinksIntoStore && layer.Find(path.Span) is SymbolicLinkNode link
        && StorePaths.Containing(link.Target, StorePaths.Directory(ByteString.FromText(contents.StoreDirectory))) is not null;

    private IEnumerable<ByteString> StoreDirectories()
    {
        var store = new ByteString(ByteString.FromText(contents.StoreDirectory).Span.Trim((byte)'/'));
        var bin = ByteString.FromText("bin");
        return new[] { layer, mergedBase }
            .SelectMany(tree => (tree?.Find(store.Span) as DirectoryNode)?.SortedEntries() ?? [])
            .Select(entry => TreePath.Join(TreePath.Join(store, entry.Name), bin));
    }
}
