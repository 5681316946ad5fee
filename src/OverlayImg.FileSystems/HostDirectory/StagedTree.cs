using OverlayImg.FileSystems.SystemCalls;

namespace OverlayImg.FileSystems.HostDirectory;

/// <summary>
/// A tree of the user's own files, written out for a program to work on and read back when it has ended. What the program left alone comes back
/// as the node that it was. What only root may make or set (devices, <c>security.</c> and <c>trusted.</c> attributes) is not written, whoever runs
/// the tool, but comes back with the directory or file that it belongs to: the result is the same for root and for everybody else.
/// </summary>
public sealed class StagedTree : IHostWritingPolicy, IDisposable
{
    private readonly Dictionary<(ulong Device, ulong Ino), StagedFile> _files = [];

    private StagedTree(string path) => Path = path;

    /// <summary>A file as it was when the program was still to come.</summary>
    /// <param name="Node">What was written.</param>
    /// <param name="Refused">The attributes that the file was not given.</param>
    /// <param name="BirthTime">Tells it from a later file with the same inode number, where the file system keeps it.</param>
    /// <param name="ModificationTime">As the file system rounded it.</param>
    /// <param name="ChangeTime">Differs when anything was done to it.</param>
    private sealed record StagedFile(
        FileNode Node, ExtendedAttributes Refused, Timestamp BirthTime, Timestamp ModificationTime, Timestamp ChangeTime);

    /// <summary>The directory that holds the files.</summary>
    public string Path { get; }

    private static ReadOnlySpan<byte> Capability => "security.capability"u8;

    /// <summary>Writes <paramref name="tree"/> to a new directory.</summary>
    /// <param name="tree">Nothing of an image may be in it, but for names and modes of directories.</param>
    /// <param name="path">The directory to make, in one that nobody else can write to.</param>
    /// <param name="cancellationToken">Looked at for each file and mebibyte.</param>
    /// <exception cref="InputException">Content can't be read.</exception>
    /// <exception cref="MachineException">There is no space, or the file system can't hold a file.</exception>
    public static StagedTree Write(FileTree tree, string path, CancellationToken cancellationToken)
    {
        var staged = new StagedTree(path);
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        new HostWriting(path, staged, cancellationToken).Write(tree);
        return staged;
    }

    /// <summary>The tree that is there now; its content lies in the directory or where that of the original tree does.</summary>
    /// <exception cref="InputException">The directory is gone, or something changed while it was read.</exception>
    /// <exception cref="MachineException">Something can't be read.</exception>
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

    // An implied directory may be the base image's, here only to hold the user's files.
    bool IHostWritingPolicy.IsSet(FileNode node, ExtendedAttribute attribute) =>
        node is not DirectoryNode { IsImplied: true }
        && !attribute.Name.Span.StartsWith("security."u8) && !attribute.Name.Span.StartsWith("trusted."u8);

    void IHostWritingPolicy.OnWritten(FileNode node, in Statx status, ExtendedAttributes refused) =>
        _files[(status.Device, status.Ino)] = new(node, refused, status.BirthTime, status.ModificationTime, status.ChangeTime);

    /// <summary>What a file that was read is: the node that was written, or one with all that could not be written.</summary>
    internal FileNode Restore(FileNode read, in Statx status)
    {
        if (!_files.TryGetValue((status.Device, status.Ino), out var file)) return read;
        if (file.Node.Type != read.Type || file.BirthTime != status.BirthTime) return read;
        var hasSameContent = file.ModificationTime == status.ModificationTime
            && (read as RegularFileNode)?.Content.Length == (file.Node as RegularFileNode)?.Content.Length;
        var isUntouched = hasSameContent && file.ChangeTime == status.ChangeTime && file.Node.Permissions == read.Permissions;
        if (isUntouched && read is not DirectoryNode) return file.Node;

        // As the kernel does it: who writes to a file takes its capabilities away.
        var isWritten = !hasSameContent && read is not DirectoryNode;
        var kept = isWritten ? file.Refused.Where(attribute => !attribute.Name.Span.SequenceEqual(Capability)) : file.Refused;
        var attributes = ExtendedAttributes.Of(kept.Concat(read.ExtendedAttributes));
        var restored = read.WithMetadata(read.Metadata with { Uid = file.Node.Uid, Gid = file.Node.Gid, ExtendedAttributes = attributes });
        if (restored is DirectoryNode directory) AddDevices(directory, (DirectoryNode)file.Node);
        return restored;
    }

    // Before the names are read: one that the program gave to something else is that.
    private static void AddDevices(DirectoryNode directory, DirectoryNode original)
    {
        foreach (var (name, node) in original.UnsortedEntries)
        {
            if (IsDevice(node)) directory.Set(name, node);
        }
    }

    private static bool IsDevice(FileNode node) => node.Type is FileType.CharacterDevice or FileType.BlockDevice;
}
