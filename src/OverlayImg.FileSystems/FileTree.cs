namespace OverlayImg.FileSystems;

/// <summary>One name of a tree, on a walk.</summary>
/// <param name="Path">Without a leading slash; empty for the root.</param>
/// <param name="Node">What stands there.</param>
public sealed record TreeEntry(ByteString Path, FileNode Node);

/// <summary>
/// A file system as a value: every format is a reader into one, or a writer out of one. Holds names and metadata in memory
/// (about 200 bytes per file) and references to content.
/// </summary>
/// <remarks>
/// A tree can be changed, through its directories, until <see cref="Finish"/>. The trees that <see cref="Tar.TarTree"/> and
/// <see cref="Ext4.Reading.Ext4Reader"/> read are finished. The trees that <see cref="HostDirectory.HostTree"/> and
/// <see cref="HostDirectory.StagedTree"/> read belong to the caller alone, who may change them. Several threads may read a tree that nobody changes.
/// </remarks>
public sealed class FileTree(DirectoryNode root)
{
    /// <summary>A tree with nothing but its root, 0755 and root's.</summary>
    public FileTree() : this(new DirectoryNode(Metadata.DefaultDirectory))
    {
    }

    /// <summary>The root directory.</summary>
    public DirectoryNode Root { get; } = root;

    /// <summary>
    /// Ends the making of the tree: its directories, those below included, refuse every change from now on. A directory that the tree shares
    /// with another tree is finished in both.
    /// </summary>
    /// <returns>The tree itself.</returns>
    public FileTree Finish()
    {
        Root.Finish();
        return this;
    }

    /// <summary>The node at <paramref name="path"/> (no leading slash; empty for the root), or null. Follows no symbolic link.</summary>
    public FileNode? Find(ReadOnlySpan<byte> path)
    {
        FileNode node = Root;
        foreach (var name in TreePath.Components(path))
        {
            if (node is not DirectoryNode directory || !directory.TryFind(new(path[name]), out var next)) return null;
            node = next;
        }

        return node;
    }

    /// <summary>
    /// Every name of the tree, the root first, then each directory's names sorted byte by byte, a directory's before its next sibling:
    /// the order of <c>tar --sort=name</c>. A node with several names comes once for each.
    /// </summary>
    /// <remarks>Uses a stack of its own: depth is bounded by memory alone.</remarks>
    public IEnumerable<TreeEntry> Walk()
    {
        yield return new(ByteString.Empty, Root);
        var pending = new Stack<Level>([new(ByteString.Empty, Root.SortedEntries())]);
        while (pending.TryPeek(out var level))
        {
            if (level.Next == level.Entries.Length)
            {
                pending.Pop();
                continue;
            }

            var (name, node) = level.Entries[level.Next++];
            var path = TreePath.Join(level.Path, name);
            yield return new(path, node);
            if (node is DirectoryNode directory) pending.Push(new(path, directory.SortedEntries()));
        }
    }

    private sealed record Level(ByteString Path, DirectoryEntry[] Entries)
    {
        public int Next { get; set; }
    }
}
