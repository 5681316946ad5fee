using System.Globalization;
using OverlayImg.FileSystems.SystemCalls;

namespace OverlayImg.FileSystems.HostDirectory;

/// <summary>
/// A fingerprint of a host's file without its content: device, inode, size, modification time and change time. Writing to the file,
/// truncating or replacing it changes at least one of them. No program can set the change time back.
/// </summary>
public static class FileIdentity
{
    // The kernel's clock for file times advances every few milliseconds. File systems of other operating systems (FAT) count in steps of two seconds.
    private static readonly TimeSpan Granularity = TimeSpan.FromSeconds(2);

    /// <summary>The fingerprint as text; null where the file does not exist. A symbolic link is not followed.</summary>
    public static string? Of(string path) => Stat(ByteString.FromText(path)) is { } status ? Text(status) : null;

    /// <summary>
    /// The fingerprint of a regular file, if the file did not change within the last seconds; null otherwise. A second change within the
    /// same step of the file system's clock would leave the fingerprint as it is.
    /// </summary>
    /// <param name="path">The path. Symbolic links are followed.</param>
    /// <param name="clock">The current time; null for the system's clock.</param>
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
