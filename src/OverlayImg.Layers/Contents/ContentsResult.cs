using OverlayImg.FileSystems;

namespace OverlayImg.Layers.Contents;

/// <summary>The tree that contents became.</summary>
/// <param name="Tree">The tree.</param>
/// <param name="Warnings">What the user may not have meant, a sentence each, in the order of the walk.</param>
internal sealed record ContentsResult(FileTree Tree, IReadOnlyList<string> Warnings)
{
    /// <summary>The directories whose owner the tool chose. Where the base has such a directory, it keeps the base's owner.</summary>
    public IReadOnlySet<ByteString> OwnerlessDirectories { get; init; } = new HashSet<ByteString>();
}
