using OverlayImg.FileSystems;
using OverlayImg.Images.Overlay;

namespace OverlayImg.Layers.Contents;

/// <summary>Creates the directories of an upper directory on demand.</summary>
/// <param name="below">The merged parent layers; null without a base image.</param>
internal sealed class UpperDirectories(FileTree upper, FileTree? below)
{
    /// <summary>
    /// Returns the directory at <paramref name="path"/>. Missing directories are created with the base image's metadata.
    /// </summary>
    /// <param name="path">Path without links. A directory that the upper directory does not have must exist in the base image.</param>
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

    /// <summary>
    /// Copies a directory of the base image without its entries. The copy is implied, because it only leads to other entries.
    /// </summary>
    public static DirectoryNode PassedThrough(DirectoryNode directory) =>
        new(OverlayForm.Plain(directory.Metadata), isImplied: true);
}
