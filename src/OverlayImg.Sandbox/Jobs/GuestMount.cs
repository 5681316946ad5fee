using OverlayImg.FileSystems;

namespace OverlayImg.Sandbox.Jobs;

/// <summary>A disk that scripts see at a path.</summary>
/// <param name="DiskPath">Path of the ext4 disk image on the host.</param>
/// <param name="Target">Absolute path at which scripts see the disk.</param>
public sealed record GuestMount(string DiskPath, ByteString Target);
