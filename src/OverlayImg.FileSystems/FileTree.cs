namespace OverlayImg.FileSystems;

/// <summary>A path of a tree and its node, as <see cref="FileTree.Walk"/> returns them.</summary>
/// <param name="Path">Path without a leading slash; empty for the root.</param>
/// <param name="Node">The node at the path.</param>
public sealed record TreeEntry(ByteString Path, FileNode Node);

/// <summary>
/// A file system as a value. Each format (tar, ext4, host directory) has a reader that makes a tree, or a writer that takes one. A tree holds
/// names and metadata in memory (about 200 bytes per file), and references to content.
/// </summary>
/// <remarks>
/// A tree can be changed through its directories until <see cref="Finish"/>. <see cref="Tar.TarTree"/> and
/// <see cref="Ext4.Reading.Ext4Reader"/> return finished trees. <see cref="HostDirectory.HostTree"/> and
/// <see cref="HostDirectory.StagedTree"/> return trees that the caller may change. Several threads may read a tree that nobody changes.
/// </remarks>
public sealed class FileTree(DirectoryNode root)
{
    /// <summary>Makes a tree of an empty root directory with mode 0755 that root owns.</summary>
    public FileTree() : this(new DirectoryNode(Metadata.DefaultDirectory))
    {
    }

    /// <summary>The root directory, whose path is empty.</summary>
    public DirectoryNode Root { get; } = root;

    /// <summary>
    /// Makes all directories of the tree immutable. A directory that the tree shares with another tree becomes immutable in both.
    /// </summary>
    /// <returns>This tree.</returns>
    public FileTree Finish()
    {
        Root.Finish();
        return this;
    }

    /// <summary>The node at <paramref name="path"/> (no leading slash; empty for the root), or null. No symbolic link is followed.</summary>
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
    /// Enumerates all paths in the order of <c>tar --sort=name</c>: the root first, names sorted bytewise, and a directory's contents before the
    /// directory's next sibling. A node with several names is returned once for each name.
    /// </summary>
    /// <remarks>The walk does not recurse, so only memory bounds the depth.</remarks>
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
