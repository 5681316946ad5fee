using System.Globalization;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Sandbox.Qemu;

/// <summary>A disk of a job: a raw disk image on the host.</summary>
/// <param name="Name">The protocol's name of the disk (vm-images/PROTOCOL.md, "Disks").</param>
/// <param name="Path">Path of the disk image.</param>
internal sealed record GuestDisk(string Name, string Path)
{
    /// <summary>Length of the disk image in bytes.</summary>
    /// <exception cref="MachineException">The disk image does not exist.</exception>
    public long Length => new FileInfo(Path) is { Exists: true } file ? file.Length : throw Refused("the file does not exist", null);

    public static GuestDisk UpperOf(GuestJob job) => new("upper", job.UpperDisk);

    /// <summary>The read-only disks of a job, in the order in which they are concatenated.</summary>
    public static IReadOnlyList<GuestDisk> ReadOnlyOf(GuestJob job) =>
    [
        .. job.ParentDisks.Select((path, index) => new GuestDisk(Numbered("parent", index), path)),
        .. job.Mounts.Select((mount, index) => new GuestDisk(Numbered("mount", index), mount.DiskPath)),
    ];

    /// <summary>The caches of a job, in the order in which they are concatenated.</summary>
    public static IReadOnlyList<GuestDisk> CachesOf(GuestJob job) =>
        [.. job.Caches.Select((cache, index) => new GuestDisk(Numbered("cache", index), cache.DiskPath))];

    /// <summary>Creates the exception for a disk that QEMU can't open.</summary>
    public MachineException Refused(string why, Exception? cause) => new($"The disk {Path} can't be plugged into the guest: {why}", cause);

    private static string Numbered(string name, int index) => string.Create(CultureInfo.InvariantCulture, $"{name}-{index}");
}
