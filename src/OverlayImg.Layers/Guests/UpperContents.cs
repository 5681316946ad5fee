using OverlayImg.FileSystems;
using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Contents;
using OverlayImg.Layers.Ready;

namespace OverlayImg.Layers.Guests;

/// <summary>What is in the upper before any script runs: the contents, where they land over the base.</summary>
internal static class UpperContents
{
    /// <summary>The upper's root. It hides the base's root, so it has that one's metadata where the contents don't say otherwise.</summary>
    /// <param name="options">What else belongs there.</param>
    /// <param name="contents">The contents; null for none.</param>
    /// <param name="mergedBase">What they land over.</param>
    /// <param name="session">The operation.</param>
    /// <exception cref="InputException">They can't land there.</exception>
    public static DirectoryNode Prepare(GuestLayerOptions options, ContentsTree? contents, FileTree mergedBase, Session session)
    {
        if (options.Tree is { } made) return made.Root;
        options.Closure?.Search(contents?.Tree);
        if (contents is null) return Complete(new(new DirectoryNode(mergedBase.Root.Metadata)), mergedBase, options, session);
        var landed = ContentsLanding.Land(contents.Result, mergedBase, session.CancellationToken);
        session.Warn(landed.Warnings);
        // On a base, the root is what the contents go into, and no part of them.
        var tree = options.From is null ? landed.Tree : new((DirectoryNode)landed.Tree.Root.WithMetadata(mergedBase.Root.Metadata));
        return Complete(tree, mergedBase, options, session);
    }

    private static DirectoryNode Complete(FileTree tree, FileTree mergedBase, GuestLayerOptions options, Session session)
    {
        new ReadyFiles(tree, mergedBase, options.Contents) { Closure = options.Closure }.Add(options.Ready, session);
        return (options.Closure?.Prepare(tree, mergedBase, session.Progress) ?? tree).Root;
    }
}
