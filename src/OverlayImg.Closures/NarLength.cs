using OverlayImg.FileSystems;

namespace OverlayImg.Closures;

/// <summary>How long the Nix archive of a store path would be, which Nix takes for its size. Reads no content.</summary>
internal static class NarLength
{
    private const int ExecutableByOwner = 0x40; // 0100

    /// <summary>The length in bytes.</summary>
    /// <param name="node">A directory, a file or a symbolic link, with all that is in it; of others only the name counts.</param>
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
        RegularFileNode file => Texts("regular", "contents") + ((file.Permissions & ExecutableByOwner) == 0 ? 0 : Texts("executable", "")) + Text(file.Content.Length),
        _ => 0,
    };

    private static long Texts(params ReadOnlySpan<string> texts)
    {
        var length = 0L;
        foreach (var text in texts) length += Text(text.Length);
        return length;
    }

    // A length of eight bytes, and the text up to a multiple of eight.
    private static long Text(long length) => 8 + ((length + 7) / 8 * 8);
}
