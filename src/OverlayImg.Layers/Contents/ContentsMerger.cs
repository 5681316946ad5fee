using OverlayImg.FileSystems;

namespace OverlayImg.Layers.Contents;

/// <summary>
/// Merges contents as <c>rsync -a -k</c> (or <c>-K</c>) <c>--chown=0:0 ITEM/ layer/</c>, run for one item after the other, would
/// (spec/dockertools.md 1.9). In dockerTools' dialect it then makes the top directory writable for owner and group, as the seeds do; in the other it keeps
/// the owners of archives and hard links.
/// </summary>
/// <remarks>
/// <para>As rsync: files replace files, links and empty directories; directories replace what is no directory, and merge with
/// directories, the later one's metadata winning; a file or link for a directory that isn't empty is refused; hard links become files of
/// their own unless the dialect keeps them.</para>
/// <para>Other than rsync: a later file always wins (rsync skips one of equal size and time, and in a store all times are equal); links are
/// followed inside the item and into the store only; absolute links of the target start at the layer's root; extended attributes are kept.</para>
/// </remarks>
internal static class ContentsMerger
{
    /// <summary>Write permission for owner and group, which the top directory gets.</summary>
    private const ushort TopPermissions = 0x90 /* 0220 */;

    /// <summary>Merges <paramref name="items"/>, later ones over earlier ones. With no item the root counts as implied.</summary>
    /// <param name="items">Read one at a time.</param>
    /// <param name="options">How.</param>
    /// <param name="readStorePath">What stands at a path of the store (absolute), unresolved; null when nothing does.</param>
    /// <param name="cancellationToken">Looked at for each file.</param>
    /// <exception cref="InputException">Something can't be in a layer, links lead in a circle, or a file meets a directory with names.</exception>
    public static ContentsResult Merge(IEnumerable<ContentsItem> items, ContentsOptions options, Func<ByteString, FileNode?> readStorePath,
        CancellationToken cancellationToken)
    {
        var (warnings, ownerless) = (new List<string>(), new HashSet<ByteString>());
        var root = new DirectoryNode(Metadata.DefaultDirectory with { Uid = options.Uid ?? 0, Gid = options.Gid ?? 0 }, isImplied: true);
        foreach (var item in items)
        {
            // A joined item has links to directories where the store path has them, and nowhere else.
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
