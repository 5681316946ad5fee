using System.Globalization;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Sandbox.Qemu;

/// <summary>A disk image on the host that a guest is given.</summary>
/// <param name="Name">What it is for (vm-images/PROTOCOL.md, "Disks").</param>
/// <param name="Path">The image; raw.</param>
internal sealed record GuestDisk(string Name, string Path)
{
    /// <summary>Its length in bytes.</summary>
    /// <exception cref="MachineException">It is not there.</exception>
    public long Length => new FileInfo(Path) is { Exists: true } file ? file.Length : throw Refused("it is not there", null);

    /// <summary>The upper disk of a job.</summary>
    public static GuestDisk UpperOf(GuestJob job) => new("upper", job.UpperDisk);

    /// <summary>The disks of a job that are only read, in the order in which they lie behind the slots.</summary>
    public static IReadOnlyList<GuestDisk> ReadOnlyOf(GuestJob job) =>
    [
        .. job.ParentDisks.Select((path, index) => new GuestDisk(Numbered("parent", index), path)),
        .. job.Mounts.Select((mount, index) => new GuestDisk(Numbered("mount", index), mount.DiskPath)),
    ];

    /// <summary>The disks of a job's caches, in the order in which they lie behind their slot.</summary>
    public static IReadOnlyList<GuestDisk> CachesOf(GuestJob job) =>
        [.. job.Caches.Select((cache, index) => new GuestDisk(Numbered("cache", index), cache.DiskPath))];

    /// <summary>That the guest can't have it.</summary>
    public MachineException Refused(string why, Exception? cause) => new($"The disk {Path} can't be plugged into the guest: {why}", cause);

    private static string Numbered(string name, int index) => string.Create(CultureInfo.InvariantCulture, $"{name}-{index}");
}
