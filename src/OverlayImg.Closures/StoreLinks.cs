using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Closures;

/// <summary>
/// Follows symbolic links of the host to where they enter a store, and no further: an image needs a store path that is itself a link.
/// </summary>
internal static class StoreLinks
{
    // As many as the kernel follows.
    private const int MaximumHops = 40;

    /// <summary>The first path in the store that <paramref name="path"/> leads to, itself included; null where it leads nowhere into the store.</summary>
    /// <param name="path">A path of the host, absolute or relative to the working directory.</param>
    /// <param name="storeDirectory">Absolute, without a slash at its end.</param>
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
        // Components such as ".." have no meaning of their own where links may stand before them.
        if (Path.GetFullPath(path) == path && StorePaths.Containing(text, storeDirectory) is not null) return text;
        var name = TreePath.Name(text);
        if (!DirectoryNode.IsValidName(name.Span) || HostTree.RealPath(Path.GetDirectoryName(path) ?? "/") is not { } directory) return null;
        var joined = TreePath.Join(directory, name);
        return StorePaths.Containing(joined, storeDirectory) is not null ? joined : null;
    }
}
