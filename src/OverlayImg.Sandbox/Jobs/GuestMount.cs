using OverlayImg.FileSystems;

namespace OverlayImg.Sandbox.Jobs;

/// <summary>A disk, or the one file on a disk, that scripts see at a path.</summary>
/// <param name="DiskPath">Path of the ext4 disk image on the host.</param>
/// <param name="Target">Absolute path at which scripts see the disk or the file.</param>
public sealed record GuestMount(string DiskPath, ByteString Target)
{
    /// <summary>Name of a file in the root directory of the disk. Scripts see that file at the target. Null for the whole disk.</summary>
    public string? FileName { get; init; }
}
