using OverlayImg.FileSystems;

namespace OverlayImg.Layers.Contents;

/// <summary>
/// What nixpkgs' symlinkJoin (lndir) makes of a directory in the store: directories of its own, and in them links to the files. Symbolic links are made
/// again with the same target, so that relative ones lead to what is joined beside them.
/// </summary>
internal static class SymlinkJoin
{
    private const ushort LinkPermissions = 0x1FF /* 0777 */;

    /// <summary>Makes it.</summary>
    /// <param name="tree">The directory.</param>
    /// <param name="hostPath">The path in the store by which the links lead to it.</param>
    /// <param name="options">Who owns what is made.</param>
    public static FileTree Of(FileTree tree, ByteString hostPath, ContentsOptions options)
    {
        var directoryMetadata = Metadata.DefaultDirectory with { Uid = options.Uid ?? 0, Gid = options.Gid ?? 0 };
        var linkMetadata = directoryMetadata with { Permissions = LinkPermissions };
        var root = new DirectoryNode(directoryMetadata);
        var pending = new Stack<(DirectoryNode Source, DirectoryNode Target, ByteString Path)>([(tree.Root, root, hostPath)]);
        while (pending.TryPop(out var directory))
        {
            foreach (var (name, node) in directory.Source.UnsortedEntries)
            {
                var path = TreePath.Join(directory.Path, name);
                if (node is DirectoryNode source)
                {
                    var target = new DirectoryNode(directoryMetadata);
                    directory.Target.Set(name, target);
                    pending.Push((source, target, path));
                }
                else directory.Target.Set(name, new SymbolicLinkNode(linkMetadata, node is SymbolicLinkNode link ? link.Target : path));
            }
        }

        return new(root);
    }
}
