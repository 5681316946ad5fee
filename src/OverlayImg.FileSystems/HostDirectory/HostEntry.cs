using System.Runtime.InteropServices;
using OverlayImg.FileSystems.SystemCalls;

namespace OverlayImg.FileSystems.HostDirectory;

/// <summary>Names of the host's directories, whatever stands under them: a file, a directory, a pipe, a socket, a symbolic link that leads nowhere.</summary>
public static class HostEntry
{
    /// <summary>Whether something has the name; a symbolic link counts itself.</summary>
    public static bool Exists(string path) => LibC.TryStat(LibC.WorkingDirectory, Terminated(path), out _);

    /// <summary>Gives it another name on the same file system.</summary>
    /// <exception cref="IOException">It is not there, or can't be moved.</exception>
    public static void Move(string path, string newPath)
    {
        if (LibC.Rename(Terminated(path), Terminated(newPath)) != 0)
            throw new IOException($"{path} can't be moved: {Errno.Text(Marshal.GetLastPInvokeError())}", Marshal.GetLastPInvokeError());
    }

    /// <summary>Removes it, a directory with all that is in it. A name that nothing has is no error.</summary>
    /// <exception cref="IOException">It can't be removed.</exception>
    public static void Remove(string path)
    {
        if (LibC.UnlinkAt(LibC.WorkingDirectory, Terminated(path), flags: 0) == 0) return;
        var error = Marshal.GetLastPInvokeError();
        if (error == Errno.NoEntry) return;
        if (error != Errno.IsADirectory) throw new IOException($"{path} can't be removed: {Errno.Text(error)}", error);
        HostRemoval.Remove(path);
    }

    private static byte[] Terminated(string path) => HostPlace.Terminated(ByteString.FromText(path).Span);
}
