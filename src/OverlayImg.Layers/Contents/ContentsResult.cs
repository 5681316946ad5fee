using OverlayImg.FileSystems;

namespace OverlayImg.Layers.Contents;

/// <summary>Contents that are merged into one tree.</summary>
/// <param name="Warnings">One sentence for each problem that the user may have overlooked, in the order of the walk.</param>
internal sealed record ContentsResult(FileTree Tree, IReadOnlyList<string> Warnings)
{
    /// <summary>The directories whose owner the contents do not specify. Such a directory has the owner that it has in the base image.</summary>
    public IReadOnlySet<ByteString> OwnerlessDirectories { get; init; } = new HashSet<ByteString>();
}
