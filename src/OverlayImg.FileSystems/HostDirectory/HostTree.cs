using OverlayImg.FileSystems.SystemCalls;

namespace OverlayImg.FileSystems.HostDirectory;

/// <summary>
/// Reads directories of the host. Names are bytes, may have any length the host's file systems give them, and paths may be longer than
/// <c>PATH_MAX</c>. Files with several links become one node; mounts below the directory are part of it, as they are for <c>cp -a</c>.
/// </summary>
/// <remarks>
/// Reading a tree takes names and metadata alone. Content is opened when it is read, and refused (<see cref="InputException"/>) if the file is
/// not the one any more that was seen: other inode, size or modification time.
/// </remarks>
public static class HostTree
{
    /// <summary>The tree below <paramref name="directory"/>, which may itself be a symbolic link to a directory.</summary>
    /// <exception cref="InputException">It doesn't exist, is no directory, or changed while it was read.</exception>
    /// <exception cref="MachineException">Something in it may not be read, or can't be.</exception>
    public static FileTree Read(string directory, HostTreeOptions options, CancellationToken cancellationToken)
    {
        using var scan = new HostScan(options, cancellationToken);
        return new(scan.ReadDirectory(Absolute(directory)));
    }

    /// <summary>
    /// What stands at <paramref name="path"/> (absolute), a symbolic link itself and not what it points to; a directory comes with all that is
    /// in it. Null when nothing has that name. For store paths, which need not be directories.
    /// </summary>
    /// <exception cref="InputException">The directory that it stands in doesn't exist, or something changed while it was read.</exception>
    /// <exception cref="MachineException">Something in it may not be read, or can't be.</exception>
    public static FileNode? ReadNode(ByteString path, HostTreeOptions options, CancellationToken cancellationToken)
    {
        var isAbsoluteName = path.Span.StartsWith("/"u8) && !path.Span.EndsWith("/"u8);
        if (!isAbsoluteName) throw new ArgumentException("Must be absolute and end with a name.", nameof(path));
        var directory = TreePath.Parent(path);
        using var scan = new HostScan(options, cancellationToken);
        return scan.ReadNode(directory.IsEmpty ? ByteString.FromText("/") : directory, TreePath.Name(path));
    }

    /// <summary>The names in <paramref name="directory"/> (absolute), sorted byte by byte.</summary>
    /// <exception cref="InputException">It doesn't exist, or is no directory.</exception>
    /// <exception cref="MachineException">It may not be read.</exception>
    public static IReadOnlyList<ByteString> Names(ByteString directory, CancellationToken cancellationToken)
    {
        using var scan = new HostScan(new(), cancellationToken);
        var names = scan.ReadNamesOf(directory);
        names.Sort();
        return names;
    }

    /// <summary>Whether something stands at <paramref name="path"/> (absolute), if only a symbolic link that leads nowhere.</summary>
    public static bool Exists(ByteString path) => LibC.TryStat(LibC.WorkingDirectory, HostPlace.Terminated(path.Span), out _);

    /// <summary>The absolute path without symbolic links, as <c>realpath(3)</c> finds it; null when nothing is there or it can't be told.</summary>
    public static ByteString? RealPath(string path)
    {
        var resolved = new byte[4096];
        var found = LibC.RealPath(HostPlace.Terminated(Absolute(path).Span), resolved) != 0;
        return found ? new(resolved.AsSpan(0, resolved.AsSpan().IndexOf((byte)0))) : null;
    }

    /// <summary>Whether <paramref name="path"/> leads to a directory, through symbolic links; false also when that can't be told.</summary>
    public static bool IsDirectory(ByteString path)
    {
        using var directory = LibC.Open(LibC.WorkingDirectory, HostPlace.Terminated(path.Span), LibC.OpenPathOnly | LibC.OpenDirectory);
        return directory is not null;
    }

    /// <summary>What <paramref name="path"/> leads to, through symbolic links; null where that is nothing, or can't be told.</summary>
    public static FileType? TypeOf(string path)
    {
        using var file = LibC.Open(LibC.WorkingDirectory, HostPlace.Terminated(Absolute(path).Span), LibC.OpenPathOnly);
        return file is not null && LibC.TryStatOpen(file, out var status) ? status.Type : null;
    }

    // Not Path.GetFullPath, which takes "link/.." for nothing; the working directory may change before content is read.
    private static ByteString Absolute(string path) => ByteString.FromText(Path.Combine(Environment.CurrentDirectory, path));
}
