using OverlayImg.FileSystems;

namespace OverlayImg.Images.Inspection;

/// <summary>A file that a layer stores, but that a later layer overwrites or deletes, so that no container sees it.</summary>
/// <param name="Path">Path of the file; the first one if the file has hard links.</param>
/// <param name="Length">Size of the content in bytes.</param>
/// <param name="Layer">Index of the layer that stores the file, from 0 at the bottom.</param>
/// <param name="GoneBy">Index of the layer that overwrites or deletes the path.</param>
/// <param name="IsDeleted">Whether that layer deletes the file or a parent directory, rather than overwrites the file.</param>
public sealed record WastedFile(ByteString Path, long Length, int Layer, int GoneBy, bool IsDeleted);
