namespace OverlayImg.Images.Outputs;

/// <summary>A file that was written.</summary>
/// <param name="Path">Where; <c>-</c> for standard output.</param>
/// <param name="Length">Its size in bytes.</param>
public sealed record WrittenFile(string Path, long Length);
