using System.Globalization;
using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.FileSystems;

/// <summary>
/// What tells whether a file of the host is still the one that it was, without reading it: device, inode, size, and the times of the last change of
/// content and inode. Whoever writes to it, cuts it or puts another in its place changes one of them; the last nobody can set back.
/// </summary>
public static class FileIdentity
{
    /// <summary>The identity as text; null where there is no such file.</summary>
    public static string? Of(string path)
    {
        if (!LibC.TryStat(LibC.WorkingDirectory, [.. ByteString.FromText(path).Span, 0], out var status)) return null;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{status.Device:x}:{status.Ino} {status.Size} {Text(status.ModificationTime)} {Text(status.ChangeTime)}");
    }

    private static string Text(Timestamp time) => string.Create(CultureInfo.InvariantCulture, $"{time.Seconds}.{time.Nanoseconds:000000000}");
}
