namespace OverlayImg.Images.Outputs;

/// <summary>A written output.</summary>
/// <param name="Path">The path of the output; <c>-</c> for standard output.</param>
/// <param name="Length">The size in bytes.</param>
public sealed record WrittenFile(string Path, long Length);
