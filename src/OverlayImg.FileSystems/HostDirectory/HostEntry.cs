using System.Runtime.InteropServices;
using OverlayImg.FileSystems.SystemCalls;

namespace OverlayImg.FileSystems.HostDirectory;

/// <summary>Functions for directory entries of the host of any type: files, directories, pipes, sockets, dangling symbolic links.</summary>
public static class HostEntry
{
    /// <summary>Whether the path exists. A symbolic link at its end is not followed.</summary>
    public static bool Exists(string path) => LibC.TryStat(LibC.WorkingDirectory, Terminated(path), out _);

    /// <summary>Renames an entry within its file system.</summary>
    /// <exception cref="IOException">The entry does not exist or can't be moved.</exception>
    public static void Move(string path, string newPath)
    {
        if (LibC.Rename(Terminated(path), Terminated(newPath)) != 0)
            throw new IOException($"{path} can't be moved: {Errno.Text(Marshal.GetLastPInvokeError())}", Marshal.GetLastPInvokeError());
    }

    /// <summary>Removes an entry, and a directory with everything below it. A path that does not exist is not an error.</summary>
    /// <exception cref="IOException">The entry can't be removed.</exception>
    public static void Remove(string path)
    {
        if (LibC.UnlinkAt(LibC.WorkingDirectory, Terminated(path), flags: 0) == 0) return;
        var error = Marshal.GetLastPInvokeError();
        if (error == Errno.NoEntry) return;
        if (error != Errno.IsADirectory) throw new IOException($"{path} can't be removed: {Errno.Text(error)}", error);
        HostRemoval.Remove(path);
    }

    private static byte[] Terminated(string path) => DirectoryPath.Terminated(ByteString.FromText(path).Span);
}
