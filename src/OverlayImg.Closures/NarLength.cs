using OverlayImg.FileSystems;

namespace OverlayImg.Closures;

/// <summary>The length of a store path's Nix archive, which Nix uses as the size of the path. File content is not read.</summary>
internal static class NarLength
{
    private const int ExecutableByOwner = 0x40; // 0100

    /// <summary>Returns the length in bytes.</summary>
    /// <param name="node">A directory, a file or a symbolic link. Of other nodes in a directory only the names count.</param>
    public static long Of(FileNode node)
    {
        var length = Text("nix-archive-1".Length);
        if (node is not DirectoryNode directory) return length + OfNode(node);
        foreach (var (path, entry) in new FileTree(directory).Walk())
        {
            length += OfNode(entry);
            if (!path.IsEmpty) length += Texts("entry", "(", "name", "node", ")") + Text(TreePath.Name(path).Length);
        }

        return length;
    }

    private static long OfNode(FileNode node) => Texts("(", "type", ")") + node switch
    {
        DirectoryNode => Texts("directory"),
        SymbolicLinkNode link => Texts("symlink", "target") + Text(link.Target.Length),
        RegularFileNode file => Texts("regular", "contents") + Text(file.Content.Length)
            + ((file.Permissions & ExecutableByOwner) == 0 ? 0 : Texts("executable", "")),
        _ => 0,
    };

    private static long Texts(params ReadOnlySpan<string> texts)
    {
        var length = 0L;
        foreach (var text in texts) length += Text(text.Length);
        return length;
    }

    // A Nix archive stores a string as a length of eight bytes and the string, padded to a multiple of eight bytes.
    private static long Text(long length) => 8 + ((length + 7) / 8 * 8);
}
