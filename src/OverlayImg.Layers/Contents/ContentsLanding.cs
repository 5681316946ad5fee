using OverlayImg.FileSystems;

namespace OverlayImg.Layers.Contents;

/// <summary>
/// Makes contents the upper directory of an overlay over a base image. A directory that meets a symbolic link to a directory in the base
/// lands behind that link, as it would if it were copied into a container (spec/dockertools.md 5.5: else contents with a <c>bin</c>
/// hide all of a base's <c>/bin -> usr/bin</c>).
/// </summary>
/// <remarks>
/// <para>Links are resolved as in the container: in base and contents together, with the base's root as root.</para>
/// <para>Metadata: a directory has the contents' where the contents have an entry for it (an own one before one that comes over a link, the
/// first link before the next), else the base's. The owner of a directory that the base has is the base's unless the contents have one.</para>
/// <para>Anything else replaces what the base has under its name; where that is a directory, with a warning.</para>
/// </remarks>
internal static class ContentsLanding
{
    /// <summary>The upper directory.</summary>
    /// <param name="contents">What <see cref="ContentsMerger"/> made; not changed. The result has its warnings, too.</param>
    /// <param name="mergedBase">The parent layers merged, without whiteouts; null for none.</param>
    /// <param name="cancellationToken">Looked at for each file.</param>
    /// <exception cref="InputException">A link of the base leads in a circle, or contents that meet behind links don't go together.</exception>
    public static ContentsResult Land(ContentsResult contents, FileTree? mergedBase, CancellationToken cancellationToken)
    {
        if (mergedBase is null) return contents;
        var landed = new Landing(contents, mergedBase, cancellationToken).Run();
        return landed with { Warnings = [.. contents.Warnings, .. landed.Warnings] };
    }
}
