using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Closures;

/// <summary>
/// Follows symbolic links of the host until they enter a store. A store path that is itself a link is not followed,
/// because the image needs the link.
/// </summary>
internal static class StoreLinks
{
    // The kernel has the same limit.
    private const int MaximumHops = 40;

    /// <summary>Returns the first path in the store that <paramref name="path"/> is or leads to; null if it leads to none.</summary>
    /// <param name="path">A path of the host, absolute or relative to the working directory.</param>
    /// <param name="storeDirectory">Absolute path of the store, without a slash at the end.</param>
    public static ByteString? Enter(string path, ByteString storeDirectory)
    {
        var current = Path.TrimEndingDirectorySeparator(Path.Combine(Environment.CurrentDirectory, path));
        for (var hop = 0; hop < MaximumHops; hop++)
        {
            if (InStore(current, storeDirectory) is { } found) return found;
            if (new FileInfo(current).LinkTarget is not { } target) break;
            current = Path.TrimEndingDirectorySeparator(Path.Combine(Path.GetDirectoryName(current) ?? "/", target));
        }

        return HostTree.RealPath(path) is { } real && StorePaths.Containing(real, storeDirectory) is not null ? real : null;
    }

    private static ByteString? InStore(string path, ByteString storeDirectory)
    {
        var text = ByteString.FromText(path);
        // A component such as ".." can't be resolved in the text of a path, because it may come after a link.
        if (Path.GetFullPath(path) == path && StorePaths.Containing(text, storeDirectory) is not null) return text;
        var name = TreePath.Name(text);
        if (!DirectoryNode.IsValidName(name.Span) || HostTree.RealPath(Path.GetDirectoryName(path) ?? "/") is not { } directory) return null;
        var joined = TreePath.Join(directory, name);
        return StorePaths.Containing(joined, storeDirectory) is not null ? joined : null;
    }
}
