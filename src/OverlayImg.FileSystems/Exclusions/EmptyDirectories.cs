namespace OverlayImg.FileSystems.Exclusions;

/// <summary>Directories that are in a tree only for the files that a later pattern includes.</summary>
internal sealed class EmptyDirectories
{
    private readonly List<(DirectoryNode Parent, ByteString Name, DirectoryNode Directory)> _directories = [];

    /// <summary>Notes a directory. A directory is noted after the directories above it.</summary>
    public void Add(DirectoryNode parent, ByteString name, DirectoryNode directory) => _directories.Add((parent, name, directory));

    /// <summary>Removes the directories that have stayed empty, and the directories that are empty then.</summary>
    public void Remove()
    {
        for (var index = _directories.Count - 1; index >= 0; index--)
        {
            var (parent, name, directory) = _directories[index];
            if (directory.Count == 0) parent.Remove(name);
        }
    }
}
