using OverlayImg.FileSystems;

namespace OverlayImg.Layers.Contents;

/// <summary>
/// Makes contents the upper directory of an overlay over a base image. A directory of the contents that meets a
/// symbolic link to a directory in the base image goes to the link's target, as with a copy into a running container.
/// Otherwise contents with a <c>bin</c> directory would hide the base image's link <c>/bin -> usr/bin</c> and all
/// programs behind the link.
/// </summary>
/// <remarks>
/// <para>Links are resolved as in the container: in base image and contents together, from the base image's
/// root.</para>
/// <para>A directory has the metadata of its entry in the contents, otherwise the metadata in the base image. An entry
/// at the directory's own path comes before entries that reach the directory through a link; of these the first wins. A
/// directory of the base image keeps its owner unless the contents specify one.</para>
/// <para>Any other entry replaces the base image's entry at the same path. A replaced directory causes a
/// warning.</para>
/// </remarks>
internal static class ContentsLanding
{
    /// <summary>Creates the upper directory.</summary>
    /// <param name="contents">The result of <see cref="ContentsMerger"/>; not changed. The returned value includes its warnings.</param>
    /// <param name="mergedBase">The merged parent layers, without whiteouts; null without a base image.</param>
    /// <exception cref="InputException">
    /// A link of the base image is circular, or two entries of the contents conflict at the target of a link.
    /// </exception>
    public static ContentsResult Land(ContentsResult contents, FileTree? mergedBase, CancellationToken cancellationToken)
    {
        if (mergedBase is null) return contents;
        var landed = new Landing(contents, mergedBase, cancellationToken).Run();
        return landed with { Warnings = [.. contents.Warnings, .. landed.Warnings] };
    }
}
