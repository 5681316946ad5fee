using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OverlayImg.FileSystems.Exclusions;
using OverlayImg.FileSystems.SystemCalls;

namespace OverlayImg.FileSystems.HostDirectory;

/// <summary>One scan of a directory of the host. It holds at most three descriptors and does not recurse.</summary>
/// <param name="options">The metadata that is taken from the host.</param>
/// <param name="cancellationToken">Checked for each name.</param>
/// <param name="staged">
/// A tree that was written for a program, or null. The scan makes unreadable files of this tree readable and reports their former mode.
/// </param>
internal sealed class HostScan(HostTreeOptions options, CancellationToken cancellationToken, StagedTree? staged = null) : IDisposable
{
    // The owner's permissions that reading needs: r for a file, r and x for a directory.
    private const uint OwnerMayRead = 0x140 /* 0500 */;

    private static readonly ByteString Self = ByteString.FromText(".");

    private readonly Dictionary<(ulong Device, ulong Ino), FileNode> _linked = [];
    private readonly Stack<PendingDirectory> _pending = new();
    private readonly HandleSlot _handles = new();
    private readonly HostXattrs? _xattrs = options.Xattrs ? new() : null;
    private readonly byte[] _target = new byte[65536];
    private readonly EmptyDirectories _emptyDirectories = new();
    private ExclusionScope? _scope;
    private DirectoryPath? _path;
    private SafeFileHandle? _directory;

    private readonly record struct PendingDirectory(
        DirectoryNode Node, DirectoryPath Parent, ByteString Name, ulong Device, ulong Ino, ExclusionScope? Scope);

    /// <summary>Reads the directory at <paramref name="path"/>. A symbolic link at the end is followed.</summary>
    public DirectoryNode ReadDirectory(ByteString path)
    {
        OpenStart(path);
        var root = (DirectoryNode)Describe(Self);
        // The directory is open already. Entering "." again would put "./" before all paths.
        _pending.Clear();
        ReadNames(root, options.Exclusions?.Root);
        ReadPending();
        _emptyDirectories.Remove();
        return root;
    }

    /// <summary>Reads a node of any type in <paramref name="directory"/>, and everything below the node; null where the name is missing.</summary>
    public FileNode? ReadNode(ByteString directory, ByteString name)
    {
        OpenStart(directory);
        if (!LibC.TryStat(_directory!, DirectoryPath.Terminated(name.Span), out _) && Marshal.GetLastPInvokeError() == Errno.NoEntry) return null;
        var node = Describe(name);
        ReadPending();
        return node;
    }

    /// <summary>Lists the names in the directory at <paramref name="path"/>, without metadata.</summary>
    public List<ByteString> ReadNamesOf(ByteString path)
    {
        OpenStart(path);
        return DirectoryListing.TryRead(_directory!, cancellationToken) ?? throw Failed(Self);
    }

    public void Dispose() => _directory?.Dispose();

    private void ReadPending()
    {
        while (_pending.TryPop(out var pending))
        {
            Enter(pending);
            ReadNames(pending.Node, pending.Scope);
        }
    }

    private void ReadNames(DirectoryNode directory, ExclusionScope? scope)
    {
        var names = DirectoryListing.TryRead(_directory!, cancellationToken) ?? throw Failed(Self);
        foreach (var name in names)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _scope = null;
            // An excluded file is not looked at: it need not be readable.
            var verdict = scope?.Judge(name, out _scope) ?? Verdict.Kept;
            if (verdict == Verdict.Excluded) continue;
            var node = Describe(name);
            if (verdict == Verdict.Searched)
            {
                if (node is not DirectoryNode searched) continue;
                _emptyDirectories.Add(directory, name, searched);
            }

            directory.Set(name, node);
        }
    }

    private void OpenStart(ByteString path)
    {
        _path = new(null, path);
        _directory = LibC.Open(LibC.WorkingDirectory, DirectoryPath.Terminated(path.Span), LibC.OpenDirectory);
        if (_directory is not null) return;
        var error = Marshal.GetLastPInvokeError();
        throw error switch
        {
            Errno.NoEntry => new InputException("does not exist", new(path.ToString())),
            Errno.NotADirectory => new InputException("is not a directory", new(path.ToString())),
            Errno.TooManyLinks => new InputException("is a symbolic link that leads nowhere", new(path.ToString())),
            _ => new MachineException($"{path} can't be read: {Errno.Text(error)}") { Advice = "Run as a user who may read the directory." },
        };
    }

    private void Enter(PendingDirectory pending)
    {
        var (_, parent, name, device, ino, _) = pending;
        var flags = LibC.OpenDirectory | LibC.OpenNoFollow;
        // The first child is entered directly from its parent's descriptor, so that each level of a deep chain costs one step.
        var next = _path == parent ? LibC.Open(_directory!, DirectoryPath.Terminated(name.Span), flags) : parent.Open(name.Span, flags);
        if (next is null) throw HostError.Of(Marshal.GetLastPInvokeError(), parent, name);
        _directory!.Dispose();
        (_directory, _path) = (next, new(parent, name));
        if (!LibC.TryStat(_directory, ".\0"u8, out var status)) throw Failed(Self);
        if (status.Device != device || status.Ino != ino) throw HostError.Changed(parent, name);
    }

    private FileNode Describe(ByteString name)
    {
        var path = DirectoryPath.Terminated(name.Span);
        if (!LibC.TryStat(_directory!, path, out var status)) throw Failed(name);
        if (staged is not null && !IsReadable(status)) LibC.ChangeModeAt(_directory!, path, status.Permissions | OwnerMayRead, flags: 0);
        var type = status.Type ?? throw new InputException("has a file type that Linux does not have", HostError.Location(_path!, name));
        if (type == FileType.Directory || status.Nlink <= 1) return Make(name, path, type, status);
        ref var linked = ref CollectionsMarshal.GetValueRefOrAddDefault(_linked, (status.Device, status.Ino), out _);
        return linked ??= Make(name, path, type, status);
    }

    private FileNode Make(ByteString name, byte[] path, FileType type, in Statx status)
    {
        var attributes = _xattrs?.Read(_directory!, _path!, name) ?? ExtendedAttributes.None;
        var metadata = new Metadata(status.Permissions, options.Uid ?? status.Uid, options.Gid ?? status.Gid, status.ModificationTime, attributes);
        switch (type)
        {
            case FileType.Directory:
                var directory = (DirectoryNode)Restored(new DirectoryNode(metadata), status);
                _pending.Push(new(directory, _path!, name, status.Device, status.Ino, _scope));
                return directory;
            case FileType.SymbolicLink:
                return Restored(new SymbolicLinkNode(metadata, Target(name, path)), status);
            case FileType.RegularFile:
                var content = status.Size == 0 ? FileContent.Empty : new HostFileContent(_handles, _path!, name, status, options.NoticesEveryChange);
                return Restored(new RegularFileNode(metadata, content), status);
            case FileType.CharacterDevice or FileType.BlockDevice:
                return new SpecialNode(metadata, type, status.RdevMajor, status.RdevMinor);
            default:
                return Restored(new SpecialNode(metadata, type), status);
        }
    }

    private FileNode Restored(FileNode node, in Statx status) => staged is null ? node : staged.Restore(node, status);

    private static bool IsReadable(in Statx status) =>
        status.Type is not (FileType.Directory or FileType.RegularFile) || (~status.Permissions & OwnerMayRead) == 0;

    private ByteString Target(ByteString name, byte[] path)
    {
        var size = (int)LibC.ReadLinkAt(_directory!, path, _target, _target.Length);
        return size >= 0 ? new(_target.AsSpan(0, size)) : throw Failed(name);
    }

    private OverlayImgException Failed(ByteString name) => HostError.Of(Marshal.GetLastPInvokeError(), _path!, name);
}
