using OverlayImg.FileSystems;
using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Contents;
using OverlayImg.Layers.Ready;

namespace OverlayImg.Layers.Guests;

/// <summary>Prepares the files on the upper disk before any script runs.</summary>
internal static class UpperContents
{
    /// <summary>
    /// Returns the root of the upper directory. It hides the base image's root, so it has that root's metadata unless
    /// the contents specify their own.
    /// </summary>
    /// <param name="contents">The merged contents; null for none.</param>
    /// <param name="parents">The parent layers.</param>
    /// <exception cref="InputException">The contents can't be applied to the base image.</exception>
    public static DirectoryNode Prepare(GuestLayerOptions options, ContentsTree? contents, ParentLayers parents, Session session)
    {
        if (options.Tree is { } made) return made.Root;
        var mergedBase = parents.Merged;
        options.Closure?.Search(contents?.Trees ?? []);
        if (contents is null) return Complete(new(new DirectoryNode(mergedBase.Root.Metadata)), mergedBase, options, session);
        var landed = contents.Over(ContentsBase.Of(parents.Image, options.From, options.Contents) with { Merged = mergedBase });
        session.Warn(landed.Warnings);
        // Over a base image, the top directory contains the contents but is not part of them.
        var tree = parents.Image is null ? landed.Tree : new((DirectoryNode)landed.Tree.Root.WithMetadata(mergedBase.Root.Metadata));
        return Complete(tree, mergedBase, options, session);
    }

    private static DirectoryNode Complete(FileTree tree, FileTree mergedBase, GuestLayerOptions options, Session session)
    {
        new ReadyFiles(tree, mergedBase, options.Contents) { Closure = options.Closure }.Add(options.Ready, session);
        return (options.Closure?.Prepare(tree, mergedBase, session.Progress) ?? tree).Root;
    }
}
