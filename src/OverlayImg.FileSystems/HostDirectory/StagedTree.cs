using OverlayImg.FileSystems.SystemCalls;

namespace OverlayImg.FileSystems.HostDirectory;

/// <summary>
/// A tree of the user's own files that is written to the host for a program to change, and read back afterwards. Nodes that the program did not
/// touch come back unchanged. Devices, and <c>security.</c> and <c>trusted.</c> attributes, need root: they are never written, but come back
/// with their directory or file. So the result is the same for root and for other users.
/// </summary>
public sealed class StagedTree : IHostWritingPolicy, IDisposable
{
    private readonly Dictionary<(ulong Device, ulong Ino), StagedFile> _files = [];

    private StagedTree(string path) => Path = path;

    /// <summary>A file's state before the program started.</summary>
    /// <param name="Node">The node that was written.</param>
    /// <param name="Refused">The attributes that the file did not get.</param>
    /// <param name="BirthTime">Differs for a later file with the same inode number; 0 where the file system keeps no birth time.</param>
    /// <param name="ModificationTime">The time as the file system rounded it.</param>
    /// <param name="ChangeTime">Differs after any change of the inode.</param>
    private sealed record StagedFile(
        FileNode Node, ExtendedAttributes Refused, Timestamp BirthTime, Timestamp ModificationTime, Timestamp ChangeTime);

    /// <summary>Absolute path of the directory that holds the files.</summary>
    public string Path { get; }

    private static ReadOnlySpan<byte> Capability => "security.capability"u8;

    /// <summary>Writes <paramref name="tree"/> to a new directory.</summary>
    /// <param name="tree">The files. Of an image, it may have only names and modes of directories.</param>
    /// <param name="path">The directory to create. Nobody else may be able to write to its parent.</param>
    /// <param name="cancellationToken">Checked for each file and each mebibyte.</param>
    /// <exception cref="InputException">Content can't be read.</exception>
    /// <exception cref="MachineException">The file system is full or can't hold a file.</exception>
    public static StagedTree Write(FileTree tree, string path, CancellationToken cancellationToken)
    {
        var staged = new StagedTree(path);
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        new HostWriting(path, staged, cancellationToken).Write(tree);
        return staged;
    }

    /// <summary>Reads the directory. Content of the new tree refers to the directory, or to the original tree's source.</summary>
    /// <exception cref="InputException">The directory does not exist, or a file changed while it was read.</exception>
    /// <exception cref="MachineException">A file or directory can't be read.</exception>
    public FileTree ReadBack(HostTreeOptions options, CancellationToken cancellationToken)
    {
        using var scan = new HostScan(options, cancellationToken, this);
        var parent = ByteString.FromText(System.IO.Path.GetDirectoryName(Path)!);
        return scan.ReadNode(parent, ByteString.FromText(System.IO.Path.GetFileName(Path))) is DirectoryNode root
            ? new(root)
            : throw new InputException("the directory that the commands worked in is gone");
    }

    /// <inheritdoc/>
    public void Dispose() => HostRemoval.Remove(Path);

    bool IHostWritingPolicy.IsMade(FileNode node) => !IsDevice(node);

    // An implied directory may belong to the base image and be here only as a parent of the user's files.
    bool IHostWritingPolicy.IsSet(FileNode node, ExtendedAttribute attribute) =>
        node is not DirectoryNode { IsImplied: true }
        && !attribute.Name.Span.StartsWith("security."u8) && !attribute.Name.Span.StartsWith("trusted."u8);

    void IHostWritingPolicy.OnWritten(FileNode node, in Statx status, ExtendedAttributes refused) =>
        _files[(status.Device, status.Ino)] = new(node, refused, status.BirthTime, status.ModificationTime, status.ChangeTime);

    /// <summary>Returns the written node for an untouched file. A changed file gets back its owner and its unwritten attributes.</summary>
    internal FileNode Restore(FileNode read, in Statx status)
    {
        if (!_files.TryGetValue((status.Device, status.Ino), out var file)) return read;
        if (file.Node.Type != read.Type || file.BirthTime != status.BirthTime) return read;
        var hasSameContent = file.ModificationTime == status.ModificationTime
            && (read as RegularFileNode)?.Content.Length == (file.Node as RegularFileNode)?.Content.Length;
        var isUntouched = hasSameContent && file.ChangeTime == status.ChangeTime && file.Node.Permissions == read.Permissions;
        if (isUntouched && read is not DirectoryNode) return file.Node;

        // The kernel removes a file's capabilities when a program writes to the file.
        var isWritten = !hasSameContent && read is not DirectoryNode;
        var kept = isWritten ? file.Refused.Where(attribute => !attribute.Name.Span.SequenceEqual(Capability)) : file.Refused;
        var attributes = ExtendedAttributes.Of(kept.Concat(read.ExtendedAttributes));
        var restored = read.WithMetadata(read.Metadata with { Uid = file.Node.Uid, Gid = file.Node.Gid, ExtendedAttributes = attributes });
        if (restored is DirectoryNode directory) AddDevices(directory, (DirectoryNode)file.Node);
        return restored;
    }

    // Runs before the directory's names are read, so that a new file of the program replaces a device of the same name.
    private static void AddDevices(DirectoryNode directory, DirectoryNode original)
    {
        foreach (var (name, node) in original.UnsortedEntries)
        {
            if (IsDevice(node)) directory.Set(name, node);
        }
    }

    private static bool IsDevice(FileNode node) => node.Type is FileType.CharacterDevice or FileType.BlockDevice;
}
