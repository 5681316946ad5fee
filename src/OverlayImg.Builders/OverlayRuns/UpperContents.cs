using OverlayImg.Builders.Contents;
using OverlayImg.FileSystems;

namespace OverlayImg.Builders;

/// <summary>What is in the upper before any script runs: the contents, where they land over the base.</summary>
internal static class UpperContents
{
    /// <summary>The upper's root. It hides the base's root, so it has that one's metadata where the contents don't say otherwise.</summary>
    /// <param name="options">What else belongs there.</param>
    /// <param name="contents">The contents; null for none.</param>
    /// <param name="mergedBase">What they land over.</param>
    /// <param name="progress">Is told warnings.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="InputException">They can't land there.</exception>
    public static DirectoryNode Prepare(
        GuestLayerOptions options, ContentsTree? contents, FileTree mergedBase, IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        if (options.Tree is { } made) return made.Root;
        options.Closure?.Search(contents?.Tree);
        if (contents is null) return Complete(new(new DirectoryNode(mergedBase.Root.Metadata)), mergedBase, options, progress);
        var landed = ContentsLanding.Land(contents.Result, mergedBase, cancellationToken);
        foreach (var warning in landed.Warnings) progress.Report(new Warning(warning));
        // On a base, the root is what the contents go into, and no part of them.
        var tree = options.From is null ? landed.Tree : new((DirectoryNode)landed.Tree.Root.WithMetadata(mergedBase.Root.Metadata));
        return Complete(tree, mergedBase, options, progress);
    }

    private static DirectoryNode Complete(FileTree tree, FileTree mergedBase, GuestLayerOptions options, IProgress<BuildEvent> progress)
    {
        new ReadyFiles(tree, mergedBase, new() { Contents = options.Contents, Ready = options.Ready, Closure = options.Closure }, progress).Add();
        return (options.Closure?.Prepare(tree, mergedBase, progress) ?? tree).Root;
    }
}
