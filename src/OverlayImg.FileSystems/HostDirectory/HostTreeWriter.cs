using OverlayImg.FileSystems.SystemCalls;

namespace OverlayImg.FileSystems.HostDirectory;

/// <summary>
/// Writes a tree of the user's own files to the host; never a tree of an image. Names can't lead out of the directory, because
/// the tree's symbolic links are created but not followed. The files belong to the current user. Modes, times, hard links and extended
/// attributes are those of the tree.
/// </summary>
public static class HostTreeWriter
{
    /// <summary>Writes <paramref name="tree"/> to a new directory.</summary>
    /// <param name="tree">The files to write.</param>
    /// <param name="path">The directory to create. Nobody else may be able to write to its parent.</param>
    /// <param name="cancellationToken">Checked for each file and each mebibyte.</param>
    /// <returns>Warnings, one sentence for each attribute that could not be set.</returns>
    /// <exception cref="InputException">Content can't be read, or the user may not create a device.</exception>
    /// <exception cref="MachineException">The file system is full or can't hold a file.</exception>
    public static IReadOnlyList<string> Write(FileTree tree, string path, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var policy = new Everything();
        new HostWriting(path, policy, cancellationToken).Write(tree);
        return [.. policy.Warnings()];
    }

    private sealed class Everything : IHostWritingPolicy
    {
        private readonly SortedDictionary<ByteString, int> _refused = [];

        public bool IsMade(FileNode node) => true;

        public bool IsSet(FileNode node, ExtendedAttribute attribute) => true;

        public void OnWritten(FileNode node, in Statx status, ExtendedAttributes refused)
        {
            foreach (var (name, _) in refused) _refused[name] = _refused.GetValueOrDefault(name) + 1;
        }

        public IEnumerable<string> Warnings() => _refused.Select(refused =>
            $"the attribute {refused.Key} of {Counted.Of(refused.Value, "file")} is lost: " +
            "this user or this file system can't set it. A tar keeps extended attributes.");
    }
}
