using OverlayImg.FileSystems;

namespace OverlayImg.Layers.Contents;

/// <summary>
/// Makes of a directory in the store what nixpkgs' symlinkJoin (lndir) makes of it: new directories with links to the
/// files. A symbolic link is made again with the same target, so that a relative link leads to the joined files beside
/// it.
/// </summary>
internal static class SymlinkJoin
{
    private const ushort LinkPermissions = 0x1FF /* 0777 */;

    /// <summary>Creates the tree of links.</summary>
    /// <param name="hostPath">Path in the store with which the targets of the links start.</param>
    /// <param name="options">The owner of the new entries.</param>
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
