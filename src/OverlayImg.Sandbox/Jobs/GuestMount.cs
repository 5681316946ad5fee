using OverlayImg.FileSystems;

namespace OverlayImg.Sandbox.Jobs;

/// <summary>A disk that is seen read-only in the image while its scripts run.</summary>
/// <param name="DiskPath">The disk image (ext4) on the host.</param>
/// <param name="Target">Where in the image: an absolute path.</param>
public sealed record GuestMount(string DiskPath, ByteString Target);
