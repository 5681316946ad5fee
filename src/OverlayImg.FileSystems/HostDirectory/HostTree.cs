using OverlayImg.FileSystems.SystemCalls;

namespace OverlayImg.FileSystems.HostDirectory;

/// <summary>
/// Reads directories of the host. Names are bytes of any length, and paths may be longer than <c>PATH_MAX</c>. A file with several hard
/// links becomes one node. File systems that are mounted below the directory are included, as with <c>cp -a</c>.
/// </summary>
/// <remarks>
/// Only names and metadata are read at once. Content is opened when it is read, and refused (<see cref="InputException"/>) where the file's
/// inode, size or modification time changed since the scan.
/// </remarks>
public static class HostTree
{
    /// <summary>Reads the tree below <paramref name="directory"/>, which may be a symbolic link to a directory.</summary>
    /// <exception cref="InputException">The directory does not exist, is not a directory, or changed while it was read.</exception>
    /// <exception cref="MachineException">A file or directory can't be read.</exception>
    public static FileTree Read(string directory, HostTreeOptions options, CancellationToken cancellationToken)
    {
        using var scan = new HostScan(options, cancellationToken);
        return new(scan.ReadDirectory(Absolute(directory)));
    }

    /// <summary>
    /// Reads the node at an absolute <paramref name="path"/>, with everything below a directory. A symbolic link at the end is not followed. Null
    /// where the path does not exist. Store paths need this method, because they need not be directories.
    /// </summary>
    /// <exception cref="InputException">The parent directory does not exist, or a file changed while it was read.</exception>
    /// <exception cref="MachineException">A file or directory can't be read.</exception>
    public static FileNode? ReadNode(ByteString path, HostTreeOptions options, CancellationToken cancellationToken)
    {
        var isAbsoluteName = path.Span.StartsWith("/"u8) && !path.Span.EndsWith("/"u8);
        if (!isAbsoluteName) throw new ArgumentException("Must be absolute and end with a name.", nameof(path));
        var directory = TreePath.Parent(path);
        using var scan = new HostScan(options, cancellationToken);
        return scan.ReadNode(directory.IsEmpty ? ByteString.FromText("/") : directory, TreePath.Name(path));
    }

    /// <summary>Lists the names in <paramref name="directory"/> (absolute), sorted bytewise.</summary>
    /// <exception cref="InputException">The directory does not exist or is not a directory.</exception>
    /// <exception cref="MachineException">The directory can't be read.</exception>
    public static IReadOnlyList<ByteString> Names(ByteString directory, CancellationToken cancellationToken)
    {
        using var scan = new HostScan(new(), cancellationToken);
        var names = scan.ReadNamesOf(directory);
        names.Sort();
        return names;
    }

    /// <summary>Whether the absolute <paramref name="path"/> exists. A symbolic link at the end is not followed.</summary>
    public static bool Exists(ByteString path) => LibC.TryStat(LibC.WorkingDirectory, DirectoryPath.Terminated(path.Span), out _);

    /// <summary>The absolute path without symbolic links (<c>realpath(3)</c>); null where it does not exist or can't be resolved.</summary>
    public static ByteString? RealPath(string path)
    {
        var resolved = new byte[4096];
        var found = LibC.RealPath(DirectoryPath.Terminated(Absolute(path).Span), resolved) != 0;
        return found ? new(resolved.AsSpan(0, resolved.AsSpan().IndexOf((byte)0))) : null;
    }

    /// <summary>Whether <paramref name="path"/> leads to a directory. Symbolic links are followed. False also where an error occurs.</summary>
    public static bool IsDirectory(ByteString path)
    {
        using var directory = LibC.Open(LibC.WorkingDirectory, DirectoryPath.Terminated(path.Span), LibC.OpenPathOnly | LibC.OpenDirectory);
        return directory is not null;
    }

    /// <summary>The type of the file that <paramref name="path"/> leads to through symbolic links; null where it is missing or on an error.</summary>
    public static FileType? TypeOf(string path)
    {
        using var file = LibC.Open(LibC.WorkingDirectory, DirectoryPath.Terminated(Absolute(path).Span), LibC.OpenPathOnly);
        return file is not null && LibC.TryStatOpen(file, out var status) ? status.Type : null;
    }

    // Path.GetFullPath would drop "link/..", which is wrong for a symbolic link. The path is absolute because the working directory may change
    // before content is read.
    private static ByteString Absolute(string path) => ByteString.FromText(Path.Combine(Environment.CurrentDirectory, path));
}
