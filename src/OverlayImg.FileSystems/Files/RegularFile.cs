using System.Runtime.InteropServices;
using OverlayImg.FileSystems.SystemCalls;

namespace OverlayImg.FileSystems.Files;

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
    public static long? LengthOf(string path) => Look(path, out var length) switch
    {
        0 => length,
        Errno.NoEntry or Errno.NotADirectory => null,
        var error => throw CantBeOpened(path, error),
    };

    /// <summary>Opens it.</summary>
    /// <exception cref="InputException">It is not there, no regular file, or may not be read.</exception>
    public static ByteSource Open(string path)
    {
        // Opening a device may do something to it.
        if (Look(path, out _) is not 0 and var error) throw CantBeOpened(path, error);
        var file = LibC.Open(LibC.WorkingDirectory, Terminated(path), LibC.OpenNonBlocking) ?? throw CantBeOpened(path, Marshal.GetLastPInvokeError());
        if (LibC.TryStatOpen(file, out var status) && status.Type == FileType.RegularFile) return new(path, file);
        file.Dispose();
        throw IsNone(path);
    }

    // The error's number, or 0.
    private static int Look(string path, out long length)
    {
        length = 0;
        if (LibC.StatxAt(LibC.WorkingDirectory, Terminated(path), flags: 0, LibC.StatxBasicStats, out var status) != 0) return Marshal.GetLastPInvokeError();
        length = status.Type == FileType.RegularFile ? (long)status.Size : throw IsNone(path);
        return 0;
    }

    private static byte[] Terminated(string path) => [.. ByteString.FromText(path).Span, 0];

    private static InputException IsNone(string path) => new("is no regular file", new(path));

    private static InputException CantBeOpened(string path, int error) =>
        new($"can't be opened: {Marshal.GetPInvokeErrorMessage(error)}", new(path)) { Advice = "Check the path and its permissions." };
}
