using OverlayImg.FileSystems;

namespace OverlayImg.Layers.Contents;

/// <summary>A part of the contents that is applied to the base image and to the parts before it. The part depends on neither.</summary>
/// <param name="Merged">
/// The files of the part: consecutive directories and tarballs, which are merged; the inside of a copied directory; or one copied file.
/// </param>
/// <param name="Source">The source of a copy; null for directories and tarballs.</param>
internal sealed record ContentsPart(ContentsResult Merged, ContentsSource? Source = null)
{
    /// <summary>Whether the part is the inside of a copied directory, and not one file.</summary>
    public bool IsDirectory { get; init; }

    /// <summary>The files of the part.</summary>
    public FileTree Tree => Merged.Tree;
}
