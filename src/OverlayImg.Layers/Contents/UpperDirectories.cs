using OverlayImg.FileSystems;
using OverlayImg.Images.Overlay;

namespace OverlayImg.Layers.Contents;

/// <summary>The directories of an upper directory, made where something is to stand in them.</summary>
/// <param name="upper">The upper directory.</param>
/// <param name="below">The parent layers merged; null for none.</param>
internal sealed class UpperDirectories(FileTree upper, FileTree? below)
{
    /// <summary>The directory at <paramref name="path"/> in the upper directory; the base's on the way to it are made there as they are.</summary>
    /// <param name="path">Without links: what is no directory above is one below.</param>
    public DirectoryNode Make(ByteString path)
    {
        var directory = upper.Root;
        var lower = below?.Root;
        foreach (var component in TreePath.Components(path.Span))
        {
            var name = new ByteString(path.Span[component]);
            lower = lower?.Find(name) as DirectoryNode;
            if (directory.Find(name) is not DirectoryNode next) directory.Set(name, next = PassedThrough(lower!));
            directory = next;
        }

        return directory;
    }

    /// <summary>A directory of the base as it is in the upper directory when it only leads to something: without names, and implied.</summary>
    public static DirectoryNode PassedThrough(DirectoryNode directory) =>
        new(OverlayForm.Plain(directory.Metadata), isImplied: true);
}
