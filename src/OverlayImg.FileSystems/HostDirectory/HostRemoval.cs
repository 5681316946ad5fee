using System.Runtime.InteropServices;
using OverlayImg.FileSystems.SystemCalls;

namespace OverlayImg.FileSystems.HostDirectory;

/// <summary>
/// Removes a directory of the tool with everything below it: also names that are not UTF-8, paths longer than <c>PATH_MAX</c>, and
/// directories without write permission. No symbolic link is followed.
/// </summary>
internal static class HostRemoval
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Removes the directory. A directory that does not exist is not an error.</summary>
    /// <exception cref="IOException">A file or directory can't be removed.</exception>
    public static void Remove(string path)
    {
        if (!Directory.Exists(path)) return;
        var start = new DirectoryPath(null, ByteString.FromText(System.IO.Path.GetFullPath(path)));
        File.SetUnixFileMode(path, OwnerOnly);
        var directories = new List<ByteString> { ByteString.Empty };
        for (var next = 0; next < directories.Count; next++) Empty(start, directories[next], directories);
        for (var last = directories.Count - 1; last > 0; last--)
        {
            using var parent = start.Open(Relative(TreePath.Parent(directories[last])), LibC.OpenDirectory | LibC.OpenPathOnly);
            var name = DirectoryPath.Terminated(TreePath.Name(directories[last]).Span);
            if (parent is null || LibC.UnlinkAt(parent, name, LibC.AtRemoveDirectory) != 0) throw CantBeRemoved(path, directories[last]);
        }

        Directory.Delete(path);
    }

    /// <summary>Removes everything but directories, and appends the directories to <paramref name="directories"/>.</summary>
    private static void Empty(DirectoryPath start, ByteString path, List<ByteString> directories)
    {
        using var directory = start.Open(Relative(path), LibC.OpenDirectory);
        var names = directory is null ? null : DirectoryListing.TryRead(directory, CancellationToken.None);
        foreach (var name in names ?? throw CantBeRemoved(start.Start.ToString(), path))
        {
            var terminated = DirectoryPath.Terminated(name.Span);
            if (LibC.UnlinkAt(directory!, terminated, flags: 0) == 0) continue;
            var child = TreePath.Join(path, name);
            if (Marshal.GetLastPInvokeError() != Errno.IsADirectory) throw CantBeRemoved(start.Start.ToString(), child);
            LibC.ChangeModeAt(directory!, terminated, (uint)OwnerOnly, flags: 0);
            directories.Add(child);
        }
    }

    private static ReadOnlySpan<byte> Relative(ByteString path) => path.IsEmpty ? "."u8 : path.Span;

    private static IOException CantBeRemoved(string start, ByteString path) =>
        new($"{start}/{path} can't be removed: {Errno.Text(Marshal.GetLastPInvokeError())}");
}
