using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OverlayImg.FileSystems.SystemCalls;

namespace OverlayImg.FileSystems.HostDirectory;

/// <summary>
/// Writes a tree of the user's own files to an empty directory that nobody else can write to; never a tree of an image. The
/// files belong to the current user. Modes of directories are set last, so that read-only directories can be filled.
/// </summary>
/// <param name="start">Absolute path of the directory.</param>
/// <param name="policy">Decides which nodes and attributes are written.</param>
/// <param name="cancellationToken">Checked for each file and each mebibyte.</param>
internal sealed class HostWriting(string start, IHostWritingPolicy policy, CancellationToken cancellationToken)
{
    private const int PieceLength = 1 << 20;

    // File type bits for mknod(2).
    private const uint FifoMode = 0x1000;
    private const uint CharacterDeviceMode = 0x2000;
    private const uint BlockDeviceMode = 0x6000;
    private const uint OwnerOnly = 0x1C0 /* 0700 */;

    private readonly DirectoryPath _start = new(null, ByteString.FromText(start));
    private readonly byte[] _piece = new byte[PieceLength];

    /// <summary>Writes <paramref name="tree"/>.</summary>
    /// <exception cref="InputException">Content can't be read, or a device can't be created.</exception>
    /// <exception cref="MachineException">The file system is full or can't hold a file.</exception>
    public void Write(FileTree tree)
    {
        var linked = new HardLinkedNodes(tree, ofEveryKind: true);
        var directories = new List<(ByteString Path, DirectoryNode Node)> { (ByteString.Empty, tree.Root) };
        for (var next = 0; next < directories.Count; next++)
        {
            var (path, node) = directories[next];
            using var directory = Open(path);
            foreach (var entry in node.SortedEntries())
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!policy.IsMade(entry.Node)) continue;
                var location = new FileLocation(directory, DirectoryPath.Terminated(entry.Name.Span), TreePath.Join(path, entry.Name));
                if (entry.Node is DirectoryNode child)
                {
                    Check(LibC.MakeDirectoryAt(directory, location.Name, OwnerOnly), location.Path);
                    directories.Add((location.Path, child));
                }
                else if (linked.FirstNameOf(entry.Node, location.Path) is { IsEmpty: false } first)
                {
                    Link(first, location);
                }
                else
                {
                    Make(entry.Node, location);
                }
            }
        }

        // Children get their modes before their parents, because a parent's mode may forbid access.
        directories.Reverse();
        foreach (var (path, node) in directories)
        {
            using var directory = Open(path);
            Describe(directory, node, path);
        }
    }

    /// <summary>The location of a new file: an open directory, a NUL-terminated name, and the path for messages.</summary>
    private readonly record struct FileLocation(SafeFileHandle Directory, byte[] Name, ByteString Path);

    private void Make(FileNode node, FileLocation location)
    {
        switch (node)
        {
            case RegularFileNode file:
                WriteFile(file, location);
                return;
            case SymbolicLinkNode link:
                Check(LibC.MakeSymbolicLinkAt(DirectoryPath.Terminated(link.Target.Span), location.Directory, location.Name), location.Path);
                break;
            case SpecialNode special:
                MakeSpecial(special, location);
                break;
        }

        Check(LibC.SetTimesAt(location.Directory, location.Name, Times(node), LibC.AtSymlinkNoFollow), location.Path);
        if (!LibC.TryStat(location.Directory, location.Name, out var status)) throw CantBeWritten(location.Path);
        policy.OnWritten(node, status, node.ExtendedAttributes);
    }

    private void MakeSpecial(SpecialNode node, FileLocation location)
    {
        var type = node.Type switch
        {
            FileType.Fifo => FifoMode,
            FileType.CharacterDevice => CharacterDeviceMode,
            FileType.BlockDevice => BlockDeviceMode,
            _ => throw new InputException("is a socket, which only the program that listens on it can create", new(Path: location.Path.ToString())),
        };
        if (LibC.MakeNodeAt(location.Directory, location.Name, type | OwnerOnly, DeviceOf(node)) != 0)
        {
            if (Marshal.GetLastPInvokeError() != Errno.NotPermitted) throw CantBeWritten(location.Path);
            throw new InputException("is a device, which only root may make", new(Path: location.Path.ToString()))
            {
                Advice = "Leave the device out, or write a tar, which can hold devices.",
            };
        }

        Check(LibC.ChangeModeAt(location.Directory, location.Name, (uint)node.Permissions, flags: 0), location.Path);
    }

    private void WriteFile(RegularFileNode node, FileLocation location)
    {
        const int Flags = LibC.OpenWriteOnly | LibC.OpenCreate | LibC.OpenExclusive | LibC.OpenCloseOnExec;
        var descriptor = LibC.OpenAt(location.Directory, location.Name, Flags, OwnerOnly);
        if (descriptor < 0) throw CantBeWritten(location.Path);
        using var file = new SafeFileHandle(descriptor, ownsHandle: true);
        var content = node.Content;
        try
        {
            foreach (var (start, length) in content.DataExtents)
            {
                for (var done = 0L; done < length; done += _piece.Length)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    var piece = _piece.AsSpan(0, (int)Math.Min(_piece.Length, length - done));
                    content.Read(start + done, piece);
                    RandomAccess.Write(file, piece, start + done);
                }
            }

            // Extends the file over a hole at the end.
            RandomAccess.SetLength(file, content.Length);
        }
        catch (IOException exception)
        {
            throw new MachineException($"{start}/{location.Path} can't be written: {HostTrouble.Reason(exception)}", exception)
            {
                Advice = HostTrouble.Advice(exception),
            };
        }

        Describe(file, node, location.Path);
    }

    private void Link(ByteString first, FileLocation location)
    {
        using var directory = Open(TreePath.Parent(first));
        var name = DirectoryPath.Terminated(TreePath.Name(first).Span);
        Check(LibC.LinkAt(directory, name, location.Directory, location.Name, flags: 0), location.Path);
    }

    private void Describe(SafeFileHandle file, FileNode node, ByteString path)
    {
        var refused = node.ExtendedAttributes.Where(attribute =>
            !policy.IsSet(node, attribute)
            || LibC.SetXattr(file, DirectoryPath.Terminated(attribute.Name.Span), attribute.Value.Span, attribute.Value.Length, flags: 0) != 0);
        Check(LibC.ChangeMode(file, (uint)node.Permissions), path);
        Check(LibC.SetTimes(file, Times(node)), path);
        if (!LibC.TryStatOpen(file, out var status)) throw CantBeWritten(path);
        policy.OnWritten(node, status, refused);
    }

    private SafeFileHandle Open(ByteString path) =>
        _start.Open(path.IsEmpty ? "."u8 : path.Span, LibC.OpenDirectory) ?? throw CantBeWritten(path);

    private static long[] Times(FileNode node)
    {
        var (seconds, nanoseconds) = node.ModificationTime;
        return [seconds, nanoseconds, seconds, nanoseconds];
    }

    // The encoding of makedev(3) in glibc.
    private static ulong DeviceOf(SpecialNode node)
    {
        ulong major = node.Major, minor = node.Minor;
        return (minor & 0xFF) | ((major & 0xFFF) << 8) | ((minor & ~0xFFUL) << 12) | ((major & ~0xFFFUL) << 32);
    }

    private void Check(int result, ByteString path)
    {
        if (result != 0) throw CantBeWritten(path);
    }

    private MachineException CantBeWritten(ByteString path) =>
        new($"{start}/{path} can't be written: {Errno.Text(Marshal.GetLastPInvokeError())}");
}
