using OverlayImg.FileSystems;

namespace OverlayImg.Images.Inspection;

/// <summary>A file that an image stores and no container sees: a later layer has overwritten or deleted it.</summary>
/// <param name="Path">Its path; of a file with several names, the first.</param>
/// <param name="Length">Size of its content in bytes.</param>
/// <param name="Layer">Which layer has it, counted from 0 at the bottom.</param>
/// <param name="GoneBy">Which layer took it away from that path, counted as well.</param>
/// <param name="IsDeleted">Whether that layer deleted it (or a directory that it was in); else it put something else in its place.</param>
public sealed record WastedFile(ByteString Path, long Length, int Layer, int GoneBy, bool IsDeleted);
