using System.Runtime.InteropServices;
using OverlayImg.FileSystems.SystemCalls;

namespace OverlayImg.FileSystems.Files;

/// <summary>
/// Opens files of untrusted directories, where a name may refer to a node of any type. Everything but regular files is refused. No call waits
/// for a pipe. Symbolic links are followed.
/// </summary>
public static class RegularFile
{
    /// <summary>Whether <paramref name="path"/> leads to a regular file.</summary>
    public static bool Is(string path) =>
        LibC.StatxAt(LibC.WorkingDirectory, Terminated(path), flags: 0, LibC.StatxBasicStats, out var status) == 0
        && status.Type == FileType.RegularFile;

    /// <summary>The file's size in bytes; null where the path does not exist.</summary>
    /// <exception cref="InputException">The path leads to a node of another type, or can't be accessed.</exception>
    public static long? LengthOf(string path) => Look(path, out var length) switch
    {
        0 => length,
        Errno.NoEntry or Errno.NotADirectory => null,
        var error => throw CantBeOpened(path, error),
    };

    /// <summary>Opens the file for reading.</summary>
    /// <exception cref="InputException">The file does not exist, is not a regular file, or can't be read.</exception>
    public static ByteSource Open(string path)
    {
        // Opening a device may have side effects, so the type is checked first.
        if (Look(path, out _) is not 0 and var error) throw CantBeOpened(path, error);
        var file = LibC.Open(LibC.WorkingDirectory, Terminated(path), LibC.OpenNonBlocking)
            ?? throw CantBeOpened(path, Marshal.GetLastPInvokeError());
        if (LibC.TryStatOpen(file, out var status) && status.Type == FileType.RegularFile) return new(path, file);
        file.Dispose();
        throw IsNone(path);
    }

    // Returns errno, or 0.
    private static int Look(string path, out long length)
    {
        length = 0;
        if (LibC.StatxAt(LibC.WorkingDirectory, Terminated(path), flags: 0, LibC.StatxBasicStats, out var status) != 0)
            return Marshal.GetLastPInvokeError();
        length = status.Type == FileType.RegularFile ? (long)status.Size : throw IsNone(path);
        return 0;
    }

    private static byte[] Terminated(string path) => [.. ByteString.FromText(path).Span, 0];

    private static InputException IsNone(string path) => new("is not a regular file", new(path));

    private static InputException CantBeOpened(string path, int error) =>
        new($"can't be opened: {Marshal.GetPInvokeErrorMessage(error)}", new(path)) { Advice = "Check the path and its permissions." };
}
