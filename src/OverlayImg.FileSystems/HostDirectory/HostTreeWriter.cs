using OverlayImg.FileSystems.SystemCalls;

namespace OverlayImg.FileSystems.HostDirectory;

/// <summary>
/// Writes a tree as files: of the user's own making, never of an image. Names of the tree can't lead out of the directory, since links of the
/// tree are made and not followed. Files belong to who runs the tool; modes, times, hard links and extended attributes are the tree's.
/// </summary>
public static class HostTreeWriter
{
    /// <summary>Writes <paramref name="tree"/> to a new directory.</summary>
    /// <param name="tree">The files.</param>
    /// <param name="path">The directory to make, in one that nobody else can write to.</param>
    /// <param name="cancellationToken">Looked at for each file and mebibyte.</param>
    /// <returns>What could not be written as the tree has it, a sentence each.</returns>
    /// <exception cref="InputException">Content can't be read, or a device can't be made by this user.</exception>
    /// <exception cref="MachineException">There is no space, or the file system can't hold a file.</exception>
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
            "this user or this file system can't set it. A tar can hold it.");
    }
}
