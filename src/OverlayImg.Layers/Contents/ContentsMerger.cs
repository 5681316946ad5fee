using OverlayImg.FileSystems;

namespace OverlayImg.Layers.Contents;

/// <summary>
/// Merges contents as <c>rsync -a -k</c> (or <c>-K</c>) <c>--chown=0:0 ITEM/ layer/</c> would, run for one item after
/// the other. With <see cref="Dialect.DockerTools"/> the top directory then becomes writable for owner and group. With
/// <see cref="Dialect.Dockerfile"/> the owners and hard links of archives are kept.
/// </summary>
/// <remarks>
/// <para>As with rsync, a file replaces a file, a link or an empty directory. A directory replaces anything else, and
/// merges with a directory, whose metadata it replaces. A file or a link can't replace a directory with entries. Hard
/// links become separate files unless the dialect keeps them.</para>
/// <para>Unlike with rsync, a later file always wins: rsync skips a file of equal size and time, and all times in a
/// store are equal. Links are followed only inside the item and into the store. Absolute links of the target start at
/// the layer's root. Extended attributes are kept.</para>
/// </remarks>
internal static class ContentsMerger
{
    /// <summary>Write permission for owner and group of the top directory.</summary>
    private const ushort TopPermissions = 0x90 /* 0220 */;

    /// <summary>Merges <paramref name="items"/>; a later item wins. Without items the root directory is implied.</summary>
    /// <param name="items">Enumerated lazily: an item is read when its turn comes.</param>
    /// <param name="readStorePath">
    /// Returns the node at an absolute path of the store, without following a link at the path itself; null if the path does not exist.
    /// </param>
    /// <exception cref="InputException">
    /// An entry can't be in a layer, a link is circular, or a file has the path of a directory with entries.
    /// </exception>
    public static ContentsResult Merge(IEnumerable<ContentsItem> items, ContentsOptions options, Func<ByteString, FileNode?> readStorePath,
        CancellationToken cancellationToken)
    {
        var (warnings, ownerless) = (new List<string>(), new HashSet<ByteString>());
        var root = new DirectoryNode(Metadata.DefaultDirectory with { Uid = options.Uid ?? 0, Gid = options.Gid ?? 0 }, isImplied: true);
        foreach (var item in items)
        {
            // A joined item has links to directories only where the store path itself has such links, so they stay links.
            var merging = item.IsJoined ? options with { KeepDirectoryLinks = true } : options;
            root = new ItemMerge(item, root, merging, new(item, options.StoreDirectory, readStorePath), warnings, ownerless, cancellationToken).Run();
        }

        if (options.Dialect.ContentsDescribeRoot) root = WritableForGroup(root);
        return new(new(root), warnings) { OwnerlessDirectories = ownerless };
    }

    private static DirectoryNode WritableForGroup(DirectoryNode root)
    {
        var metadata = root.Metadata with { Permissions = (ushort)(root.Permissions | TopPermissions) };
        return root.IsImplied ? root.Copy(metadata) : (DirectoryNode)root.WithMetadata(metadata);
    }
}
