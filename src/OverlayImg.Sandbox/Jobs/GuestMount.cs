using OverlayImg.FileSystems;

namespace OverlayImg.Sandbox.Jobs;

/// <summary>A disk that scripts see.</summary>
/// <param name="DiskPath">The disk image (ext4) on the host.</param>
/// <param name="Target">Where scripts see it: an absolute path.</param>
public sealed record GuestMount(string DiskPath, ByteString Target);
