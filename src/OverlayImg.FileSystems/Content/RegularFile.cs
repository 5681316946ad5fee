using System.Runtime.InteropServices;
using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.FileSystems;

/// <summary>
/// Files of directories that come from elsewhere, where anything may stand under a name: what is no regular file is refused, and a pipe is never waited for. Symbolic
/// links are followed.
/// </summary>
public static class RegularFile
{
    /// <summary>Whether a regular file is there.</summary>
    public static bool Is(string path) =>
        LibC.StatxAt(LibC.WorkingDirectory, Terminated(path), flags: 0, LibC.StatxBasicStats, out var status) == 0 && status.Type == FileType.RegularFile;

    /// <summary>Number of bytes; null where there is nothing of that name.</summary>
    /// <exception cref="InputException">What is there is no regular file, or may not be looked at.</exception>
    public static long? LengthOf(string path)
    {
        if (LibC.StatxAt(LibC.WorkingDirectory, Terminated(path), flags: 0, LibC.StatxBasicStats, out var status) == 0)
            return status.Type == FileType.RegularFile ? (long)status.Size : throw IsNone(path);
        var error = Marshal.GetLastPInvokeError();
        return error is Errno.NoEntry or Errno.NotADirectory ? null : throw CantBeOpened(path, error);
    }

    /// <summary>Opens it.</summary>
    /// <exception cref="InputException">It is not there, no regular file, or may not be read.</exception>
    public static ByteSource Open(string path)
    {
        // Opening a device may do something to it.
        if (LengthOf(path) is null) throw CantBeOpened(path, Errno.NoEntry);
        var file = LibC.Open(LibC.WorkingDirectory, Terminated(path), LibC.OpenNonBlocking) ?? throw CantBeOpened(path, Marshal.GetLastPInvokeError());
        if (LibC.TryStatOpen(file, out var status) && status.Type == FileType.RegularFile) return new(path, file);
        file.Dispose();
        throw IsNone(path);
    }

    private static byte[] Terminated(string path) => [.. ByteString.FromText(path).Span, 0];

    private static InputException IsNone(string path) => new("is no regular file", new(path));

    private static InputException CantBeOpened(string path, int error) =>
        new($"can't be opened: {Marshal.GetPInvokeErrorMessage(error)}", new(path)) { Advice = "Check the path and its permissions." };
}
