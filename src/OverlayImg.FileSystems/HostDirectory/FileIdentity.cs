using System.Globalization;
using OverlayImg.FileSystems.SystemCalls;

namespace OverlayImg.FileSystems.HostDirectory;

/// <summary>
/// What tells whether a file of the host is still the one that it was, without reading it: device, inode, size, and the times of the last change of
/// content and inode. Whoever writes to it, cuts it or puts another in its place changes one of them; the last nobody can set back.
/// </summary>
public static class FileIdentity
{
    // Kernels tell times by a clock that stands still for some milliseconds, file systems of other systems by one of two seconds.
    private static readonly TimeSpan Granularity = TimeSpan.FromSeconds(2);

    /// <summary>The identity as text; null where there is no such file.</summary>
    public static string? Of(string path) => Stat(ByteString.FromText(path)) is { } status ? Text(status) : null;

    /// <summary>
    /// The identity of the file that a path leads to, through symbolic links, if it says for sure what the file holds from now on: null also for what
    /// is no regular file, and for one that changed a moment ago. A second change in the same moment would not show.
    /// </summary>
    /// <param name="path">The path.</param>
    /// <param name="clock">What tells the time; null for the system.</param>
    public static string? OfSettled(string path, TimeProvider? clock = null)
    {
        if (HostTree.RealPath(path) is not { } file || Stat(file) is not { Type: FileType.RegularFile } status) return null;
        var age = (clock ?? TimeProvider.System).GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(status.ChangeTime.Seconds);
        return age > Granularity + TimeSpan.FromSeconds(1) ? Text(status) : null;
    }

    private static Statx? Stat(ByteString path) => LibC.TryStat(LibC.WorkingDirectory, [.. path.Span, 0], out var status) ? status : null;

    private static string Text(in Statx status) => string.Create(
        CultureInfo.InvariantCulture, $"{status.Device:x}:{status.Ino} {status.Size} {Text(status.ModificationTime)} {Text(status.ChangeTime)}");

    private static string Text(Timestamp time) => string.Create(CultureInfo.InvariantCulture, $"{time.Seconds}.{time.Nanoseconds:000000000}");
}
